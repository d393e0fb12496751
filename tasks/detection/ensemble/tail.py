"""How rare a value is among those before it, also beyond the largest of them."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from tasks.detection.ranks import RankWindow

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALLEST = 1e-12
"""The least probability that is told; no history of some thousand rows supports less."""
TAIL_SHARE = 0.04
_HEAVIEST = 0.6


class OnlineTail:
    """The share of past values that a new one would be below, extended by a fitted tail.

    Within the past, p = (1 + number not below) / (n + 1). Beyond the largest 4 % of the past, the
    excesses follow a generalised Pareto law fitted by moments (Hosking and Wallis, Technometrics
    1987): peaks over a threshold, as in Siffer, Fouque, Termier and Largouet, "Anomaly detection
    in streams with extreme value theory", KDD 2017. Series whose ordinary rows jump have heavy
    tails, and their jumps are not rare; that is how one threshold serves all.

    Parameters
    ----------
    size
        Values remembered.

    Examples
    --------
    >>> tail = OnlineTail(100)
    >>> for value in range(50):
    ...     tail.push(value % 10)
    >>> tail.probability(5) > 0.4, tail.probability(60) < 1e-3
    (True, True)
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
        """Return the probability, as the past has it, of a value not below this one."""
        n = len(self._window)
        most = max(5, int(TAIL_SHARE * n))
        if n <= most:
            return 1.0
        threshold = self._window.nth_largest(most + 1)
        if value <= threshold:
            return (1.0 + self._window.count_at_least(value)) / (n + 1.0)
        excesses = [peak - threshold for peak in self._window.largest(most)]
        return max(SMALLEST, _beyond(value - threshold, excesses) * (most + 1.0) / (n + 1.0))


def _beyond(excess: float, excesses: Sequence[float]) -> float:
    """Return the probability of so great an excess, by a generalised Pareto law."""
    count = len(excesses)
    mean = sum(excesses) / count
    if mean <= 0.0:
        return 1.0 / (count + 1.0)
    variance = sum((e - mean) ** 2 for e in excesses) / count
    if variance <= 1e-12 * mean * mean:
        return exp(-excess / mean)
    shape = min(_HEAVIEST, max(0.0, 0.5 * (1.0 - mean * mean / variance)))
    if shape < 0.01:
        return exp(-excess / mean)
    scale = mean * (1.0 - shape)
    return exp(-log(1.0 + shape * excess / scale) / shape)
