"""How unlike any earlier mixture of high and low the last rows are."""

from __future__ import annotations

from collections import deque
from math import log

from tasks.detection.ensemble.level import RANKS
from tasks.detection.ensemble.nearest import Nearest

MIXTURE_ROWS = 32
_BINS = 5
_REMEMBERED = 190
_UNIT = 1_000
_LOGS = [round(_UNIT * log(count + 0.5)) for count in range(MIXTURE_ROWS + 1)]
"""Logarithms of counts in thousandths, each with half a count for what was not seen."""


class Mixture:
    """The relative entropy of the last 32 ranks, in fifths, to the likeliest mixture of before.

    Source: Wang, Viswanathan, Choudur, Talwar, Satterfield and Schwan, "Statistical techniques for
    online anomaly detection in data centers", IM 2011, with quantiles of the last rows in the place
    of bins between extremes.
    """

    __slots__ = ("_counts", "_nearest", "_places")

    def __init__(self) -> None:
        self._places: deque[int] = deque(maxlen=MIXTURE_ROWS)
        self._counts = [0] * _BINS
        self._nearest = Nearest(_REMEMBERED, _BINS, MIXTURE_ROWS)

    def novelty(self, rank: int) -> float | None:
        """Return the entropy with a new rank in [-100, 100], then learn it; None at first."""
        places, counts = self._places, self._counts
        if len(places) == MIXTURE_ROWS:
            counts[places[0]] -= 1
        place = min(_BINS - 1, (rank + RANKS) * _BINS // (2 * RANKS))
        places.append(place)
        counts[place] += 1
        if len(places) < MIXTURE_ROWS:
            return None
        least = self._nearest.least(counts)
        if self._nearest.is_due():
            self._nearest.remember([*(-_LOGS[count] for count in counts), 0])
        if least is None:
            return None
        return (sum([count * _LOGS[count] for count in counts]) + least) / _UNIT
