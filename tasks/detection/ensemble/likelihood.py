"""One surprise for all views: how rare a row is, and how rare the last rows together."""

from __future__ import annotations

from collections import deque

from tasks.detection.ensemble.tail import OnlineTail
from tasks.detection.ensemble.views import NAMES, Views

MEMORY_ROWS = 1_000
RECENT_ROWS = 16
RECENT_WEIGHT = 2.0
_WEIGHT_OF_ONE = RECENT_WEIGHT / RECENT_ROWS
WARMUP_ROWS = 170
"""Rows before which no tail is known well enough to speak."""


class Evidence:
    """What one view has to say: how rare its distance is now, and was in the last rows.

    A distance becomes minus the decimal logarithm of its probability among the view's past (see
    `tail.OnlineTail`), so views and series of all scales compare. To it is added twice the mean of
    the last 16 of them: a run of slightly rare rows is as telling as one very rare row. That is the
    anomaly likelihood of Ahmad, Lavin, Purdy and Agha, "Unsupervised real-time anomaly detection
    for streaming data", Neurocomputing 2017, with tails in the place of their Gaussian.
    """

    __slots__ = ("_recent", "_tail", "rarity")

    def __init__(self) -> None:
        self._tail = OnlineTail(MEMORY_ROWS)
        self._recent: deque[float] = deque([0.0] * RECENT_ROWS, maxlen=RECENT_ROWS)
        self.rarity = 0.0
        """How rare the last distance was, in decades."""

    def weigh(self, distance: float | None) -> float:
        """Return how surprising a distance is, at least 0, then learn it; None is not."""
        rarity = 0.0 if distance is None else self._tail.rarity(distance)
        self.rarity = rarity
        recent = self._recent
        recent.append(rarity)
        return rarity + _WEIGHT_OF_ONE * sum(recent)


class Likelihood:
    """Turns the distances of a row into one number: a mean of the evidence of all views.

    It is the power mean of order 3, between Fisher's combination of probabilities (order 1) and the
    least of them (infinity): views that agree count for more than one that has most to say, and one
    that is sure is not outvoted. Source: Vovk and Wang, "Combining p-values via averaging",
    Biometrika 2020. Each view gathers its own evidence before, as rarities of different views that
    come one after the other do not add up.
    """

    def __init__(self) -> None:
        self._views = Views()
        self._evidence = tuple(Evidence() for _ in NAMES)
        self._rows = 0

    @property
    def usual(self) -> float:
        """The median of the last rows, in the unit of the series."""
        return self._views.usual

    @property
    def by_view(self) -> tuple[float, ...]:
        """How rare the last row was in each of `views.NAMES`, in decades."""
        return tuple(one.rarity for one in self._evidence)

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
        told = list(map(Evidence.weigh, self._evidence, distances))
        self._rows += 1
        if self._rows <= WARMUP_ROWS:
            return 0.0
        return float((sum([one * one * one for one in told]) / len(told)) ** (1.0 / 3.0))
