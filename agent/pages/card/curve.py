"""The curve: what one unit of money became, net of costs, beside the benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from configs.figures import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gate.checks.evidence import Evidence, Floats

WIDTH, HEIGHT = 720.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 10.0, 10.0, 26.0
"""Room for the axes' labels and at the other sides, in the units of the picture."""
POINTS = 400
MOST_TICKS = 8

Tick = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Curve:
    """Two lines as an SVG writes their points, on a logarithmic scale, with their axes.

    Attributes
    ----------
    strategy, benchmark
        Points of the lines.
    base
        y of the money at the start.
    ends
        What a unit became: by the strategy, by its benchmark.
    across
        x and label of the ticks below: years where the times of the bars are known, else bars.
    up
        y and label of the ticks at the left: what a unit of money became.
    axis
        What is counted below.
    """

    strategy: str
    benchmark: str
    base: float
    ends: tuple[str, str]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    axis: str


def lay_out_curve(evidence: Evidence) -> Curve | None:
    """Place both lines; none without returns, or where all was lost."""
    if len(evidence.returns) < 2:
        return None
    mine = _growth(evidence.returns)
    other = _growth(evidence.benchmark) if len(evidence.benchmark) else np.zeros(1)
    if not (np.isfinite(mine).all() and np.isfinite(other).all()):
        return None
    low = min(float(mine.min()), float(other.min()), 0.0)
    high = max(float(mine.max()), float(other.max()), low + 1e-9)

    def y(values: Floats) -> Floats:
        share = (values - low) / (high - low)
        down: Floats = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
        return down

    up = tuple((round(float(y(np.array([np.log(v)]))[0]), 1), f"{v:g}") for v in _marks(low, high))
    axis, across = _across(evidence)
    ends = (say(float(np.exp(mine[-1])), "ratio"), say(float(np.exp(other[-1])), "ratio"))
    base = round(float(y(np.zeros(1))[0]), 1)
    return Curve(_line(y(mine)), _line(y(other)), base, ends, across, up, axis)


def _growth(returns: Floats) -> Floats:
    """Return the logarithm of the account after each bar, the start included."""
    with np.errstate(divide="ignore", invalid="ignore"):
        grown: Floats = np.concatenate([[0.0], np.cumsum(np.log1p(returns))])
    return grown


def _line(y: Floats) -> str:
    places = np.unique(np.linspace(0, len(y) - 1, min(POINTS, len(y))).astype(int))
    x = _x(places, len(y))
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y[places], strict=True))


def _x(places: NDArray[Any], count: int) -> Floats:
    x: Floats = LEFT + places.astype(np.float64) / max(count - 1, 1) * (WIDTH - LEFT - RIGHT)
    return np.round(x, 1)


def _marks(low: float, high: float) -> list[float]:
    """Choose round amounts between two logarithms: coarse where they are far apart."""
    for steps in ((1, 2, 5), (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8)):
        powers = range(int(np.floor(low / np.log(10))), int(np.ceil(high / np.log(10))) + 1)
        found = [s * 10.0**p for p in powers for s in steps]
        inside = [v for v in found if low - 1e-9 <= np.log(v) <= high + 1e-9]
        if len(inside) >= 3:
            break
    else:
        even = np.exp(np.linspace(low, high, 4))
        inside = sorted({1.0, *(float(f"{v:.3g}") for v in even)})
        inside = [v for v in inside if low - 1e-2 <= np.log(v) <= high + 1e-2]
    return inside[:: -(-len(inside) // MOST_TICKS)]


def _across(evidence: Evidence) -> tuple[str, tuple[Tick, ...]]:
    """Label the bars: by their years or months, or by their number where no times are known."""
    count = len(evidence.returns)
    times = evidence.times
    if len(times) != count:
        step = max(count // 5, 1)
        places = np.arange(step, count + 1, step)
        labels = [f"{place:,}" for place in places]
        x = map(float, _x(places, count + 1))
        return "bars", tuple(zip(x, labels, strict=True))
    for unit in ("Y", "M", "D"):
        calendar = times.astype(f"datetime64[{unit}]")
        firsts = np.flatnonzero(calendar[1:] != calendar[:-1]) + 1
        if len(firsts) >= 3 or unit == "D":
            break
    firsts = firsts[:: max(-(-len(firsts) // MOST_TICKS), 1)]
    x = map(float, _x(firsts + 1, count + 1))
    return "time (UTC)", tuple(zip(x, map(str, calendar[firsts]), strict=True))
