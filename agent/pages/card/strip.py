"""The strip: every trial's Sharpe ratio as a dot, the candidate and what it had to exceed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gate.statistics.deflation import deflate
from gate.statistics.moments import moments

if TYPE_CHECKING:
    from gate.checks.evidence import Evidence

WIDTH, HEIGHT, MARGIN = 720.0, 96.0, 24.0
LAYERS = 6
TICKS = 6


@dataclass(frozen=True, slots=True)
class Strip:
    """Where things are drawn, in the units of the picture; ratios are of a year.

    Attributes
    ----------
    dots
        x and y of each trial that ended with a Sharpe ratio.
    ticks
        x and label of the axis.
    candidate, hurdle
        x and label; the hurdle is what the best of all trials is expected to show without skill.
    """

    dots: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    candidate: tuple[float, str]
    hurdle: tuple[float, str]


def lay_out_strip(evidence: Evidence) -> Strip | None:
    """Place the dots; none where the candidate has no Sharpe ratio."""
    found = moments(evidence.returns)
    if found is None:
        return None
    yearly = evidence.bars_per_year**0.5
    family = evidence.family
    hurdle = deflate(found, family.sharpes, family.returns, family.trials).hurdle * yearly
    own = found.sharpe * yearly
    all_ = np.sort(family.sharpes * yearly)
    low = float(min(all_.min(initial=0.0), own, 0.0))
    high = float(max(all_.max(initial=0.0), own, hurdle))
    room = 0.06 * (high - low) or 1.0

    def x(value: float) -> float:
        share = (value - low + room) / (high - low + 2 * room)
        return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)

    rows = np.arange(len(all_)) % LAYERS
    dots = tuple((x(float(v)), 16.0 + 8.0 * int(row)) for v, row in zip(all_, rows, strict=True))
    step = _step((high - low) / TICKS)
    marks = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    ticks = tuple((x(float(mark)), f"{mark:.3g}") for mark in marks + 0.0)
    return Strip(dots, ticks, (x(own), f"{own:.2f}"), (x(hurdle), f"{hurdle:.2f}"))


def _step(rough: float) -> float:
    """Round a distance between ticks to 1, 2 or 5 times a power of ten."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(power * by for by in (1, 2, 5, 10) if power * by >= rough))
