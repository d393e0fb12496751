"""Series with known anomalies of many kinds, as servers, sensors and counters make them.

Ten kinds of anomaly are put into seven kinds of series; scale, step and seed differ. Nothing here
is copied from a benchmark's files: kinds, sizes and places are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Draw = np.random.Generator

WINDOW_SHARE = 0.10
"""All labelled windows of a series together, as a share of its rows (Lavin and Ahmad, 2015)."""
FIRST = 1_388_534_400.0
"""2014-01-01 00:00 UTC."""


@dataclass(frozen=True)
class Labelled:
    """A series, its times in seconds, and windows [first, last] of row numbers."""

    name: str
    seconds: Floats
    values: Floats
    windows: tuple[tuple[int, int], ...]


def _phase(seconds: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    days = seconds / 86_400.0
    return 2 * np.pi * (days % 1.0), (days.astype(int) % 7) >= 5


def _smooth_season(seconds: Floats, rng: Draw) -> Floats:
    turn, weekend = _phase(seconds)
    shape = 1 + 0.6 * np.sin(turn - 1.5) + 0.25 * np.sin(2 * turn)
    return shape * np.where(weekend, 0.7, 1.0) + 0.05 * rng.normal(size=len(turn))


def _diurnal_counts(seconds: Floats, rng: Draw) -> Floats:
    turn, _ = _phase(seconds)
    rate = 12 * (1.1 + np.sin(turn - 2)) * rng.gamma(4, 0.25, len(turn))
    return rng.poisson(rate).astype(float)


def _noisy_level(seconds: Floats, rng: Draw) -> Floats:
    noise = 0.1 * rng.standard_t(5, len(seconds))
    spikes = (rng.random(len(seconds)) < 0.01) * rng.gamma(3, 0.3, len(seconds))
    return 2 + noise + spikes


def _mean_reverting(seconds: Floats, rng: Draw) -> Floats:
    turn, _ = _phase(seconds)
    level = np.zeros(len(seconds))
    shocks = 0.05 * rng.normal(size=len(seconds))
    for i in range(1, len(level)):
        level[i] = 0.985 * level[i - 1] + shocks[i]
    return 5 + 2 * level + 0.3 * np.sin(turn)


def _bursts(seconds: Floats, rng: Draw) -> Floats:
    quiet = 0.2 + 0.02 * np.abs(rng.normal(size=len(seconds)))
    every = int(rng.integers(40, 120))
    beat = (np.arange(len(seconds)) % every) < 3
    return quiet + beat * rng.gamma(8, 0.15, len(seconds))


def _saw(seconds: Floats, rng: Draw) -> Floats:
    period = int(rng.integers(60, 250))
    ramp = (np.arange(len(seconds)) % period) / period
    return ramp + 0.03 * rng.normal(size=len(seconds))


def _regimes(seconds: Floats, rng: Draw) -> Floats:
    """Levels among which the series moves as a matter of course."""
    n = len(seconds)
    states = np.cumsum(rng.random(n) < 0.01) % 3
    return np.array([1.0, 1.3, 1.6])[states] + 0.06 * rng.normal(size=n)


BASES: dict[str, Callable[[Floats, Draw], Floats]] = {
    "season": _smooth_season, "counts": _diurnal_counts, "level": _noisy_level,
    "reverting": _mean_reverting, "bursts": _bursts, "saw": _saw, "regimes": _regimes,
}  # fmt: skip


def inject(kind: str, values: Floats, at: int, rng: Draw, tightness: float = 1.0) -> None:
    """Put an anomaly of a kind into a series from row `at` on, in place."""
    n, spread = len(values), tightness * float(values[: at + 1].std())
    span = slice(at, min(n, at + int(rng.integers(20, 90))))
    size = spread * rng.uniform(4, 8) * rng.choice([-1, 1])
    length = span.stop - span.start
    if kind == "spike":
        values[at : at + 2] += size
    elif kind == "bump":
        values[span] += size * 0.7
    elif kind == "shift":
        values[at:] += size * 0.6
    elif kind == "variance":
        values[span] += 2.5 * spread * rng.normal(size=length)
    elif kind == "flatline":
        values[span] = values[at]
    elif kind == "break":
        values[span] = values[:at].mean() + 0.3 * spread * rng.normal(size=length)
    elif kind == "frequency":
        values[span] = values[at - 3 * length : at : 3][:length]
    elif kind == "drift":
        values[at:] += np.minimum(np.arange(n - at) / 150, 1.0) * size
    elif kind == "burst":
        values[span] += (rng.random(length) < 0.3) * np.abs(size)
    else:  # missing: zeros where a meter said nothing
        values[span] = 0.0


KINDS = (
    "spike", "bump", "shift", "variance", "flatline", "break", "frequency", "drift", "burst",
    "missing",
)  # fmt: skip


def generate(seed: int, copies: int = 2) -> list[Labelled]:
    """Return one series for each base and kind of anomaly, `copies` times."""
    made = []
    for number, (base, kind, copy) in enumerate(
        (base, kind, copy) for base in BASES for kind in KINDS for copy in range(copies)
    ):
        made.append(
            _one(f"{base}-{kind}-{copy}", base, kind, np.random.default_rng([seed, number]))
        )
    return made


def _one(name: str, base: str, kind: str, rng: Draw) -> Labelled:
    n = int(rng.integers(1_800, 4_500))
    step = float(rng.choice([300.0, 300.0, 1_800.0, 3_600.0]))
    seconds = FIRST + step * np.arange(n)
    values = BASES[base](seconds, rng)
    count = int(rng.integers(1, 4))
    slots = np.linspace(0.25 * n, 0.95 * n, count + 1)
    half = int(WINDOW_SHARE * n / count / 2)
    windows = []
    for low, high in pairwise(slots):
        at = int(rng.uniform(low + half, max(low + half + 1, high - half)))
        inject(kind, values, at, rng)
        windows.append((at - half, min(n - 1, at + half)))
    values = values * 10.0 ** rng.uniform(-4, 6)
    if base == "counts":
        values = np.round(values / values.std() * 8)
    return Labelled(name, seconds, values, tuple(windows))
