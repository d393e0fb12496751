"""A sliding window that knows its order statistics."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque


class RankWindow:
    """The last `size` values, in the order of time and in the order of size.

    Parameters
    ----------
    size
        Most values kept; the oldest leaves first.

    Examples
    --------
    >>> window = RankWindow(3)
    >>> for value in (5.0, 1.0, 2.0, 3.0):
    ...     window.push(value)
    >>> len(window), window.at(0.5), window.count_at_least(2.0)
    (3, 2.0, 2)
    """

    __slots__ = ("_by_age", "_by_size", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._by_age: deque[float] = deque()
        self._by_size: list[float] = []

    def __len__(self) -> int:
        return len(self._by_size)

    def push(self, value: float) -> None:
        """Add a finite value; let the oldest go when there are too many."""
        self.insert(value, bisect_right(self._by_size, value))

    def insert(self, value: float, place: int) -> None:
        """Do what `push` does, given how many of the kept values are not above the new one."""
        ordered = self._by_size
        if len(ordered) < self._size:
            ordered.insert(place, value)
        elif (oldest := self._by_age.popleft()) != value:  # else the order stays as it is
            gone = bisect_left(ordered, oldest)
            del ordered[gone]
            ordered.insert(place - (gone < place), value)
        self._by_age.append(value)

    def at(self, quantile: float) -> float:
        """Return the kept value at a quantile in [0, 1), without interpolation."""
        return self._by_size[int(quantile * len(self._by_size))]

    def nth_largest(self, n: int) -> float:
        """Return the n-th largest value; 1 is the largest."""
        return self._by_size[-n]

    def largest(self, n: int) -> list[float]:
        """Return the n largest values, the smallest of them first."""
        return self._by_size[-n:]

    def smallest(self, n: int) -> list[float]:
        """Return the n smallest values, the smallest of them first."""
        return self._by_size[:n]

    def count_at_least(self, value: float) -> int:
        """Return how many of the kept values are not below `value`."""
        return len(self._by_size) - bisect_left(self._by_size, value)

    def count_at_most(self, value: float) -> int:
        """Return how many of the kept values are not above `value`."""
        return bisect_right(self._by_size, value)
