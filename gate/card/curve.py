"""The curve: what one unit of money became, net of costs, beside the benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gate.checks.evidence import Evidence, Floats

WIDTH, HEIGHT, MARGIN = 720.0, 180.0, 8.0
POINTS = 400


@dataclass(frozen=True, slots=True)
class Curve:
    """Two lines as an SVG writes their points, on a logarithmic scale, and where they end."""

    strategy: str
    benchmark: str
    base: float
    """y of the money at the start."""
    ends: tuple[str, str]


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
        down: Floats = HEIGHT - MARGIN - (values - low) / (high - low) * (HEIGHT - 2 * MARGIN)
        return down

    ends = (f"{np.exp(mine[-1]):.2f}", f"{np.exp(other[-1]):.2f}")
    return Curve(_line(y(mine)), _line(y(other)), round(float(y(np.zeros(1))[0]), 1), ends)


def _growth(returns: Floats) -> Floats:
    """Return the logarithm of the account after each bar, the start included."""
    with np.errstate(divide="ignore", invalid="ignore"):
        grown: Floats = np.concatenate([[0.0], np.cumsum(np.log1p(returns))])
    return grown


def _line(y: Floats) -> str:
    places = np.unique(np.linspace(0, len(y) - 1, min(POINTS, len(y))).astype(int))
    x = places / max(len(y) - 1, 1) * WIDTH
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y[places], strict=True))
