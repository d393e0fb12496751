"""Online control of the false discovery rate: each test's level follows from those before it."""

from __future__ import annotations

from math import exp, log, sqrt
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_LORD_SUM = 0.07720838
"""What makes the levels of LORD sum to one (Javanmard and Montanari, 2018)."""
_SAFFRON_SUM = 0.4374901658
"""The same for weights of j^-1.6."""


class Procedure(Protocol):
    """Gives a level to the next test, and is told how tests ended."""

    def level(self) -> float:
        """Return the level of the next test."""

    def tell(self, p_value: float, *, rejected: bool) -> None:
        """Take the outcome of the oldest test that has none yet."""


class Lord:
    """LORD++: levels fall with the distance from the last discoveries.

    Ramdas, Yang, Wainwright and Jordan, "Online control of the false discovery rate with decaying
    memory", NeurIPS 2017, with the weights of Javanmard and Montanari (Annals of Statistics 2018).
    Outcomes that are not told yet count as no discoveries, which keeps control where tests overlap
    (Zrnic, Ramdas and Jordan, "Asynchronous online testing of multiple hypotheses", JMLR 2021).

    Parameters
    ----------
    alpha
        Level of the false discovery rate.
    """

    def __init__(self, alpha: float) -> None:
        self._alpha = alpha
        self._first_wealth = alpha / 10.0
        self._given = 0
        self._discoveries: list[int] = []

    def level(self) -> float:
        """Return the level of the next test."""
        self._given += 1
        now, wealth = self._given, self._first_wealth
        level = lord_weight(now) * wealth
        for number, found in enumerate(self._discoveries):
            level += lord_weight(now - found) * (self._alpha - (0.0 if number else wealth))
        return level

    def tell(self, p_value: float, *, rejected: bool) -> None:
        """Take the outcome of the oldest test that has none yet."""
        if rejected:
            self._discoveries.append(self._given)


class Saffron:
    """SAFFRON: as LORD++, but tests that had a chance cost nothing.

    Ramdas, Zrnic, Wainwright and Jordan, "SAFFRON: an adaptive algorithm for online control of the
    false discovery rate", ICML 2018, with candidates below one half and weights of j^-1.6; for
    overlapping tests as in `Lord`.

    Parameters
    ----------
    alpha
        Level of the false discovery rate.
    """

    CANDIDATE = 0.5

    def __init__(self, alpha: float) -> None:
        self._alpha = alpha
        self._first_wealth = alpha / 2.0
        self._given = 0
        self._candidates = 0
        self._discoveries: list[tuple[int, int]] = []

    def level(self) -> float:
        """Return the level of the next test."""
        self._given += 1
        wealth, free = self._first_wealth, 1.0 - self.CANDIDATE
        total = wealth * saffron_weight(self._given - self._candidates)
        for number, (found, candidates) in enumerate(self._discoveries):
            age = self._given - found - (self._candidates - candidates)
            total += (self._alpha - (0.0 if number else wealth)) * saffron_weight(age)
        return min(self.CANDIDATE, free * total)

    def tell(self, p_value: float, *, rejected: bool) -> None:
        """Take the outcome of the oldest test that has none yet."""
        self._candidates += p_value <= self.CANDIDATE
        if rejected:
            self._discoveries.append((self._given, self._candidates))


def run_in_batches(procedure: Procedure, batches: Sequence[Sequence[float]]) -> list[list[float]]:
    """Test p-values that come in batches; within a batch nothing is known of its outcomes.

    Returns
    -------
    list[list[float]]
        The level of each test; a discovery is a p-value at or under it.

    Examples
    --------
    >>> levels = run_in_batches(Lord(0.1), [[0.0], [1.0]])
    >>> [[round(level, 5) for level in batch] for batch in levels]
    [[0.00054], [0.00493]]
    """
    return [_run_batch(procedure, batch) for batch in batches]


def _run_batch(procedure: Procedure, p_values: Sequence[float]) -> list[float]:
    levels = [procedure.level() for _ in p_values]
    for p_value, level in zip(p_values, levels, strict=True):
        procedure.tell(p_value, rejected=p_value <= level)
    return levels


def lord_weight(age: int) -> float:
    """Return the share of wealth spent so many tests after it was earned."""
    return _LORD_SUM * log(max(age, 2)) / (age * exp(sqrt(log(age))))


def saffron_weight(age: int) -> float:
    """Return the share of wealth spent so many tests, candidates aside, after it was earned."""
    return float(_SAFFRON_SUM / age**1.6)
