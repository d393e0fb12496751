"""The nearest of what the last rows looked like before."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_ROWS = 8
"""Of looks at neighbouring rows, which differ by little, one in so many is remembered."""
_FEWEST = 6
_FAR = 1e15


class Nearest:
    """Finds, among the looks before, the one that is least away from that of the last rows.

    A look is a few whole numbers, and so are the coefficients that are remembered of it: their
    products add up exactly in whatever order, on any machine and after a restart. A look is not
    compared with one that shares rows with it.

    Parameters
    ----------
    size
        Looks remembered; the oldest is forgotten first.
    numbers
        That make up one look.
    rows
        That one look spans.

    Examples
    --------
    >>> nearest = Nearest(size=100, numbers=1, rows=8)
    >>> for row in range(400):
    ...     if nearest.is_due():
    ...         nearest.remember([-2 * (row % 40), (row % 40) ** 2])
    >>> nearest.least([37]) + 37**2  # multiples of 8 are remembered
    25.0
    """

    __slots__ = ("_kept", "_look", "_remembered", "_rows", "_told", "_waiting")

    def __init__(self, size: int, numbers: int, rows: int) -> None:
        self._kept = np.zeros((numbers + 1, size))  # a column each; those to come are far away
        self._kept[-1] = _FAR
        self._look = np.ones(numbers + 1)  # made once, as is the place for the answers
        self._told = np.zeros(size)
        self._remembered = 0
        self._rows = 0
        self._waiting: deque[Sequence[int]] = deque(maxlen=rows // EVERY_ROWS + 1)

    def is_due(self) -> bool:
        """Count a row; return whether its look is one to remember."""
        self._rows += 1
        return self._rows % EVERY_ROWS == 1

    def remember(self, coefficients: Sequence[int]) -> None:
        """Remember a look by what its distance from another is: a linear form and a constant."""
        waiting = self._waiting
        waiting.append(coefficients)
        if len(waiting) == waiting.maxlen:
            self._kept[:, self._remembered % self._kept.shape[1]] = waiting.popleft()
            self._remembered += 1

    def least(self, look: Sequence[int]) -> float | None:
        """Return the least value of the remembered forms at a look; None while there are few."""
        if self._remembered < _FEWEST:
            return None
        self._look[:-1] = look
        told = self._look.dot(self._kept, self._told)
        return float(told[told.argmin()])
