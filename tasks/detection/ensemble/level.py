"""Where a value lies among those of the last rows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import nan

from tasks.detection.scaling.ranks import RankWindow

LEVEL_ROWS = 300
MIN_ROWS = 20
"""Rows before the level is known."""
RANKS = 100
"""The highest rank; the lowest is its negative."""
_SIGMA_PER_IQR = 0.7413
_FAR = 50.0
"""Robust deviations that count, where a model would otherwise be one outlier's."""


class Level(RankWindow):
    """The last 300 values in order; each new one is compared with them before it joins."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(LEVEL_ROWS)

    @property
    def usual(self) -> float:
        """The median, in the unit of the series; NaN before the first value."""
        return self.at(0.5) if self._by_size else nan

    def away(self, value: float) -> float | None:
        """Return how many robust deviations a value is from the median; None at first."""
        ordered = self._by_size
        n = len(ordered)
        if n < MIN_ROWS:
            return None
        spread = (ordered[int(0.75 * n)] - ordered[int(0.25 * n)]) * _SIGMA_PER_IQR
        away = (value - ordered[int(0.5 * n)]) / (spread if spread > 0.0 else self._wide())
        return min(_FAR, max(-_FAR, away))

    def join(self, value: float) -> int:
        """Return a value's rank in [-100, 100], 0 for a median one and at first; then learn it."""
        ordered = self._by_size
        n = len(ordered)
        not_above = bisect_right(ordered, value)
        tied = not_above > 0 and ordered[not_above - 1] == value
        below = bisect_left(ordered, value) if tied else not_above
        self.insert(value, not_above)
        return round(RANKS * (below + not_above - n) / n) if n >= MIN_ROWS else 0

    def _wide(self) -> float:
        """Return a scale where half of the values are equal."""
        wide = 0.25 * (self.at(0.98) - self.at(0.02))
        return wide if wide > 0.0 else max(1e-9 * abs(self.at(0.5)), 1e-300)
