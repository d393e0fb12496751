"""The changes of one series' mean that a detector finds and Welch's test confirms."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, isinf, log1p, sqrt
from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.drift.level import Level
from tasks.detection.drift.significance import MIN_SIDE, MeanChange, judge_change

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tasks.detection.drift.watch import Watch

_MOST_AT_ONCE = 2_048
"""Values standardised at a go; a change in the middle of them lets the rest be done again."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A change of the mean, confirmed at a row.

    Parameters
    ----------
    row
        Of the values that were being taken.
    before, after
        The values of the level up to the cut, and from it to the row.
    change
        What the test says of it.
    """

    row: int
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    change: MeanChange


class ConfirmedDrift:
    """One series, level by level.

    Once the detector speaks, the values since the level began are cut by least squares and judged
    (see `significance.judge_change`). Below `min_confidence`, the values after the cut are waited
    for to make it sure: it is judged again after as many more bars (1, 2, 4, ..., at most
    `warmup_bars` in all) as would make an effect of that size sure, each look lowering the
    confidence, and is given up when that could not be in time. A change that is confirmed begins a
    new level at its cut, which is watched again once it has `warmup_bars` values; one that is given
    up leaves the level as it was.

    Parameters
    ----------
    make
        Returns a new detector.
    warmup_bars
        Values from which a level's scale is learnt, and most bars that are waited.
    min_confidence
        Least confidence of a change that is told.
    series
        How many series are watched together; each look at one counts so many times.
    """

    def __init__(
        self, make: Callable[[], Watch], warmup_bars: int, min_confidence: float, series: int = 1
    ) -> None:
        self._level = Level(make, warmup_bars)
        self._warmup_bars = warmup_bars
        self._min_confidence = min_confidence
        self._series = series
        self._looks = 0
        self._waited = 0
        self._until_look = 0

    def run(
        self, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Confirmed]]:
        """Take values, shape (n,), finite.

        Returns
        -------
        tuple
            After each value, the mean of its level in the unit of the values and how many standard
            deviations of the level's first bars that is from theirs, NaN while a scale is learnt;
            and what was confirmed.
        """
        means, shifts, told = np.empty(len(values)), np.empty(len(values)), []
        row = 0
        while row < len(values):
            most = self._until_look if self._looks else _MOST_AT_ONCE
            level = self._level
            taken, found, part = level.feed(values[row : row + most], heed=not self._looks)
            done = slice(row, row + taken)
            means[done] = part
            shifts[done] = level.standardised(part)
            row += taken
            if (found or self._is_due(taken)) and (confirmed := self._judge(row - 1)):
                told.append(confirmed)
        return means, shifts, told

    def step(self, value: float) -> tuple[float, float, Confirmed | None]:
        """Do what `run` does with one value: the mean, the shift, and what was confirmed."""
        level = self._level
        if not level.watched:
            means, shifts, told = self.run(np.array([value]))
            return float(means[0]), float(shifts[0]), told[0] if told else None
        found, mean = level.feed_one(value)
        shift = level.shift_of(mean)
        if self._looks:
            found = self._is_due(1)
        return mean, shift, self._judge(0) if found else None

    def _is_due(self, taken: int) -> bool:
        """Count what was waited; say whether it is time to look again."""
        if not self._looks:
            return False
        self._waited += taken
        self._until_look -= taken
        return self._until_look == 0

    def _judge(self, row: int) -> Confirmed | None:
        """Speak if sure, wait if there is hope, else leave the level as it was."""
        self._looks += 1
        values = self._level.values
        change = judge_change(values, looks=self._looks * self._series)
        if change.confidence >= self._min_confidence:
            self._looks = self._waited = 0
            self._level.restart(values[change.cut :])
            return Confirmed(row, values[: change.cut], values[change.cut :], change)
        self._until_look = self._bars_to_wait(change, len(values))
        if self._until_look == 0:
            self._looks = self._waited = 0
        return None

    def _bars_to_wait(self, change: MeanChange, size: int) -> int:
        """Return after how many bars an effect of this size would be told; 0 for never."""
        left = self._warmup_bars - self._waited
        wait = 1
        while wait < left and not self._may_become_sure(change, size, wait):
            wait *= 2
        wait = min(wait, left)
        return wait if wait > 0 and self._may_become_sure(change, size, wait) else 0

    def _may_become_sure(self, change: MeanChange, size: int, more: int) -> bool:
        """Return whether an effect of this size would be told after so many more bars of it."""
        if isinf(change.effect):
            return True
        before, after = change.cut, size - change.cut + more
        weight = (1.0 - change.autocorrelation) / (1.0 + change.autocorrelation)
        deviations = abs(change.effect) * sqrt(weight * before * after / (before + after))
        p_value = erfc(deviations / sqrt(2.0))
        cuts = size + more - 2 * MIN_SIDE + 1
        looks = (self._looks + 1) * self._series
        best = exp(cuts * looks * log1p(-p_value)) if p_value < 1.0 else 0.0
        return best >= self._min_confidence
