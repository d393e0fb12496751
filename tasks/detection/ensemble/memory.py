"""How much a row is like the one before it."""

from __future__ import annotations

from collections import deque

MEMORY_ROWS = 32


class Memory:
    """The correlation of the last 32 ranks with those a row before: their first autocorrelation.

    A beat that goes faster, a smooth line that turns to noise and noise that turns smooth change it
    while values stay in their range; so does a system that is about to tip over: Scheffer et al.,
    "Early-warning signals for critical transitions", Nature 2009. Sums of whole numbers are kept
    and exact.
    """

    __slots__ = ("_power", "_product", "_ranks", "_total")

    def __init__(self) -> None:
        self._ranks: deque[int] = deque(maxlen=MEMORY_ROWS)
        self._total = self._power = self._product = 0

    def correlation(self, rank: int) -> float | None:
        """Return the correlation with a new rank; 0 where all are equal, None with fewer than 32.

        Examples
        --------
        >>> memory = Memory()
        >>> told = [memory.correlation(100 * (-1) ** row) for row in range(40)]
        >>> told[30], told[39]
        (None, -0.96875)
        """
        ranks = self._ranks
        if len(ranks) == MEMORY_ROWS:
            oldest = ranks[0]
            self._total -= oldest
            self._power -= oldest * oldest
            self._product -= oldest * ranks[1]
        if ranks:
            self._product += ranks[-1] * rank
        ranks.append(rank)
        self._total += rank
        self._power += rank * rank
        if len(ranks) < MEMORY_ROWS:
            return None
        mean = self._total / MEMORY_ROWS
        power = self._power - self._total * mean
        ends = ranks[0] + rank
        shared = self._product - mean * (2 * self._total - ends) + (MEMORY_ROWS - 1) * mean * mean
        return shared / power if power > 0.0 else 0.0
