"""How rare a value is among those before it, also beyond the extremes of them."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from tasks.detection.ranks import RankWindow

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALLEST = 1e-12
"""The least probability that is told; no history of some thousand rows supports less."""
TAIL_SHARE = 0.04
_FEWEST = 5
_HEAVIEST = 0.6


class OnlineTail:
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
    >>> tail = OnlineTail(100)
    >>> for value in range(50):
    ...     tail.push(value % 10)
    >>> tail.probability(5) > 0.4, tail.probability(60) < 1e-3, tail.probability(-60) < 1e-3
    (True, True, True)
    """

    __slots__ = ("_window",)

    def __init__(self, size: int) -> None:
        self._window = RankWindow(size)

    def __len__(self) -> int:
        return len(self._window)

    def push(self, value: float) -> None:
        """Let a value become part of the past."""
        self._window.push(value)

    def probability(self, value: float) -> float:
        """Return the probability, as the past has it, of a value so far out on either side."""
        window = self._window
        n = len(window)
        most = max(_FEWEST, int(TAIL_SHARE * n))
        if n <= 2 * most + 2:
            return 1.0
        high, low = window.nth_largest(most + 1), window.nth_largest(n - most)
        if value > high:
            beyond = _beyond(value - high, [peak - high for peak in window.largest(most)])
        elif value < low:
            beyond = _beyond(low - value, [low - peak for peak in window.smallest(most)])
        else:
            as_extreme = min(window.count_at_least(value), window.count_at_most(value))
            return min(1.0, 2.0 * (1.0 + as_extreme) / (n + 1.0))
        return max(SMALLEST, 2.0 * beyond * (most + 1.0) / (n + 1.0))


def _beyond(excess: float, excesses: Sequence[float]) -> float:
    """Return the probability of so great an excess, by a generalised Pareto law."""
    count = len(excesses)
    mean = sum(excesses) / count
    if mean <= 0.0:
        return 1.0 / (count + 1.0)
    variance = sum([e * e for e in excesses]) / count - mean * mean
    if variance <= 1e-12 * mean * mean:
        return exp(-excess / mean)
    shape = min(_HEAVIEST, max(0.0, 0.5 * (1.0 - mean * mean / variance)))
    if shape < 0.01:
        return exp(-excess / mean)
    scale = mean * (1.0 - shape)
    return exp(-log(1.0 + shape * excess / scale) / shape)
