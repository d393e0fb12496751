"""One score for all views: how unlikely a row is, and how unlikely the last rows together."""

from __future__ import annotations

from collections import deque
from math import log10

from tasks.detection.ensemble.tail import OnlineTail
from tasks.detection.ensemble.views import NAMES, Views

MEMORY_ROWS = 1_500
RECENT_ROWS = 6
MOST_SURPRISE = 6.0
SCALE = 10.0
"""A score of 1 is a probability of 1e-10 (Ahmad, Lavin, Purdy and Agha, 2017)."""
WARMUP_ROWS = 150


class Likelihood:
    """Turns the views of a row into one probability."""

    def __init__(self) -> None:
        self._views = Views()
        self._tails = [OnlineTail(MEMORY_ROWS) for _ in NAMES]
        self._recent: deque[float] = deque(maxlen=RECENT_ROWS)
        self._single = OnlineTail(MEMORY_ROWS)
        self._together = OnlineTail(MEMORY_ROWS)
        self.surprises: tuple[float, ...] = ()

    def rarity(self, value: float, seconds: float | None) -> float | None:
        """Return minus the decimal logarithm of the row's probability."""
        seen = self._views.look(value, seconds)
        if seen is None:
            return None
        surprises = []
        for tail, distance in zip(self._tails, seen, strict=True):
            surprises.append(min(-log10(tail.probability(distance)), MOST_SURPRISE*2))
            tail.push(distance)
        self.surprises = tuple(surprises)
        worst = sorted(surprises)
        single = worst[-1] + 0.5 * worst[-2]
        self._recent.append(min(single, MOST_SURPRISE))
        together = sum(self._recent)
        p = min(self._single.probability(single), self._together.probability(together))
        self._single.push(single)
        self._together.push(together)
        return -log10(p) if len(self._single) >= WARMUP_ROWS else None
