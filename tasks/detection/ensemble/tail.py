"""How rare a value is among those before it, also beyond the extremes of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cache
from itertools import repeat
from math import exp, log, log10
from operator import mul, sub
from typing import TYPE_CHECKING

from tasks.detection.scaling.ranks import RankWindow

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALLEST = 1e-12
"""The least probability that is told; no history of some thousand rows supports less."""
FEWEST = 100
"""Values before which nothing is called rare."""
_TAIL = 25
"""One in so many values, on each side, is in the tail."""
_HEAVIEST = 0.6


class OnlineTail(RankWindow):
    """How probable a value at least as extreme is, either way, as the past has it.

    Each side has its own tail, as counts, prices and delays are skewed: to be low is strange where
    all outliers are high. Within the past, p = 2 (1 + number as extreme on that side) / (n + 1).
    Beyond the outer 4 % of a side, the excesses follow a generalised Pareto law fitted by moments
    (Hosking and Wallis, Technometrics 1987): peaks over a threshold, as in Siffer, Fouque, Termier
    and Largouet, "Anomaly detection in streams with extreme value theory", KDD 2017. Series whose
    ordinary rows jump have heavy tails, and their jumps are not rare; that is how one threshold
    serves all.

    Parameters
    ----------
    size
        Values remembered.

    Examples
    --------
    >>> tail = OnlineTail(200)
    >>> for value in range(150):
    ...     tail.push(7 * value % 150)
    >>> tail.probability(75) > 0.4, tail.probability(900) < 1e-3, tail.probability(-900) < 1e-3
    (True, True, True)
    """

    __slots__ = ()

    def probability(self, value: float) -> float:
        """Return the probability, as the past has it, of a value so far out on either side."""
        ordered = self._by_size
        n = len(ordered)
        most = n // _TAIL if n > 5 * _TAIL else 5
        if n < FEWEST:
            return 1.0
        high, low = ordered[-most - 1], ordered[most]
        if value > high:
            beyond = _beyond(value - high, list(map(sub, ordered[-most:], repeat(high))))
        elif value < low:
            beyond = _beyond(low - value, list(map(sub, repeat(low), ordered[:most])))
        else:
            at_least, at_most = n - bisect_left(ordered, value), bisect_right(ordered, value)
            return min(1.0, 2.0 * (1.0 + min(at_least, at_most)) / (n + 1.0))
        return max(SMALLEST, 2.0 * beyond * (most + 1.0) / (n + 1.0))

    def rarity(self, value: float) -> float:
        """Return minus the decimal logarithm of the probability of a finite value, then learn it.

        The same as `probability` and `push`, with the place of the value looked up once.
        """
        ordered = self._by_size
        n = len(ordered)
        place = bisect_right(ordered, value)
        most = n // _TAIL if n > 5 * _TAIL else 5
        if n < FEWEST:
            rarity = 0.0
        elif ordered[most] <= value <= ordered[-most - 1]:
            tied = ordered[place - 1] == value
            at_least = n - (bisect_left(ordered, value) if tied else place)
            rarity = _rarities(n)[min(at_least, place)]
        else:
            rarity = -log10(self.probability(value))
        if n < self._size:
            ordered.insert(place, value)
        elif (oldest := self._by_age.popleft()) != value:
            gone = bisect_left(ordered, oldest)
            del ordered[gone]
            ordered.insert(place - (gone < place), value)
        self._by_age.append(value)
        return rarity


@cache
def _rarities(n: int) -> tuple[float, ...]:
    """Return how rare a value is, in decades, with so many of n as extreme on its side."""
    return tuple(-log10(min(1.0, 2.0 * (1.0 + extreme) / (n + 1.0))) for extreme in range(n + 1))


def _beyond(excess: float, excesses: Sequence[float]) -> float:
    """Return the probability of so great an excess, by a generalised Pareto law."""
    count = len(excesses)
    mean = sum(excesses) / count
    if mean <= 0.0:
        return 1.0 / (count + 1.0)
    variance = sum(map(mul, excesses, excesses)) / count - mean * mean
    if variance <= 1e-12 * mean * mean:
        return exp(-excess / mean)
    shape = min(_HEAVIEST, max(0.0, 0.5 * (1.0 - mean * mean / variance)))
    if shape < 0.01:
        return exp(-excess / mean)
    scale = mean * (1.0 - shape)
    return exp(-log(1.0 + shape * excess / scale) / shape)
