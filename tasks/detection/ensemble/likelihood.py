"""One surprise for all views: how rare a row is, and how rare the last rows together."""

from __future__ import annotations

from collections import deque
from math import log10

from tasks.detection.ensemble.tail import OnlineTail
from tasks.detection.ensemble.views import NAMES, Views

MEMORY_ROWS = 800
RECENT_ROWS = 16
RECENT_WEIGHT = 2.0
WARMUP_ROWS = 150
"""Rows with distances, before which no tail is known well enough to speak."""


class Likelihood:
    """Turns the distances of a row into one number.

    Each view's distance becomes minus the decimal logarithm of its probability among that view's
    past (see `tail.OnlineTail`), so views and series of all scales compare. The rarest view counts,
    and to it is added twice the mean of the rarest over the last 16 rows: a run of slightly rare
    rows is as telling as one very rare row. That is the idea of the anomaly likelihood of Ahmad,
    Lavin, Purdy and Agha, "Unsupervised real-time anomaly detection for streaming data",
    Neurocomputing 2017, with tails in the place of their Gaussian.
    """

    def __init__(self) -> None:
        self._views = Views()
        self._tails = [OnlineTail(MEMORY_ROWS) for _ in NAMES]
        self._recent: deque[float] = deque(maxlen=RECENT_ROWS)
        self._rows = 0
        self.by_view: tuple[float, ...] = (0.0,) * len(NAMES)
        """The last row's surprise in each of `views.NAMES`."""

    @property
    def usual(self) -> float:
        """The median of the last rows, in the unit of the series."""
        return self._views.usual

    def surprise(self, value: float, seconds: float | None) -> float:
        """Return how surprising a finite value is, at least 0, then learn it.

        Parameters
        ----------
        value
            In any unit.
        seconds
            Since 1970, UTC; None for rows without a time.
        """
        distances = self._views.look(value, seconds)
        if distances is None:
            return 0.0
        self._rows += 1
        self.by_view = tuple(map(_rarity, self._tails, distances))
        if self._rows <= WARMUP_ROWS:
            return 0.0
        rarest = max(self.by_view)
        self._recent.append(rarest)
        return rarest + RECENT_WEIGHT * sum(self._recent) / RECENT_ROWS


def _rarity(tail: OnlineTail, distance: float | None) -> float:
    if distance is None:
        return 0.0
    rarity = -log10(tail.probability(distance))
    tail.push(distance)
    return rarity
