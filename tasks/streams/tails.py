"""Tails: how rare deviations are that were never seen."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BODY: Final = 0.95
"""The quantile from which on a tail is fitted."""
HEAVIEST: Final = 0.9
_STEPS: Final = 65


class Tail(NamedTuple):
    """What was learnt of deviations.

    Attributes
    ----------
    size
        How many they were; 0: nothing is known.
    start
        Where the tail begins.
    share
        Of deviations that are beyond it.
    shape, scale
        Of the generalised Pareto distribution of what is beyond.
    body
        Quantiles below the start, evenly spaced.
    """

    size: int = 0
    start: float = 0.0
    share: float = 1.0
    shape: float = 0.0
    scale: float = 1.0
    body: tuple[float, ...] = ()

    def beyond(self, deviation: float) -> float:
        """Return the chance of a deviation that is not smaller.

        Examples
        --------
        >>> Tail(100, start=2.0, share=0.05, scale=0.5).beyond(2.0)
        0.05
        >>> round(Tail(100, start=2.0, share=0.05, scale=0.5).beyond(3.0), 5)
        0.00677
        """
        if deviation < self.start:
            below = float(np.searchsorted(self.body, deviation)) / max(len(self.body), 1)
            return 1.0 - (1.0 - self.share) * below
        away = (deviation - self.start) / self.scale
        if self.shape < 1e-9:
            return self.share * exp(-away)
        return self.share * float((1.0 + self.shape * away) ** (-1.0 / self.shape))


NO_TAIL: Final = Tail()


def fit(deviations: NDArray[np.float64]) -> Tail:
    """Return the tail of some deviations, shape (n,), none below 0."""
    ordered = np.sort(deviations)
    cut = int(BODY * len(ordered))
    start = float(ordered[cut])
    excess = ordered[cut:] - start
    count = len(excess)
    body = tuple(ordered[(np.linspace(0, cut, _STEPS)[:-1]).astype(int)].tolist())
    mean = float(excess.mean())
    weighted = float((excess * ((count - 0.5 - np.arange(count)) / count)).mean())
    share = count / len(ordered)
    if mean <= 0.0:
        return Tail(len(ordered), start, share, 0.0, max(start, 1e-12), body)
    shape = 2.0 - mean / max(mean - 2.0 * weighted, 1e-12 * mean)
    if shape <= 0.0:
        return Tail(len(ordered), start, share, 0.0, mean, body)
    shape = min(shape, HEAVIEST)
    return Tail(len(ordered), start, share, shape, mean * (1.0 - shape), body)
