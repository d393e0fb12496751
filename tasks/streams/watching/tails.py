"""Tails: how rare deviations are that were never seen."""

from __future__ import annotations

from math import exp, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BODY: Final = 0.95
"""The quantile from which on a tail is fitted."""
LIGHTEST, HEAVIEST = -0.3, 0.9
"""Bounds of the shape."""
_STEPS: Final = 65
_STRAIGHT: Final = 1e-9


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
        if abs(self.shape) < _STRAIGHT:
            return self.share * exp(-away)
        left = 1.0 + self.shape * away
        return self.share * float(left ** (-1.0 / self.shape)) if left > 0.0 else 0.0


NO_TAIL: Final = Tail()


def fit(deviations: NDArray[np.float64]) -> Tail:
    """Return the tail of some deviations, shape (n,), none below 0.

    By probability-weighted moments (Hosking and Wallis, Technometrics 1987).

    The shape is taken a standard error heavier than it is estimated: what is judged by it has not
    been seen, and without that one value in four of a quiet thousand's most severe would look as
    sure as one in ten should.
    """
    ordered = np.sort(deviations)
    cut = int(BODY * len(ordered))
    start = float(ordered[cut])
    excess = ordered[cut:] - start
    count = len(excess)
    body = tuple(ordered[(np.linspace(0, cut, _STEPS)[:-1]).astype(int)].tolist())
    mean = float(excess.mean())
    share = count / len(ordered)
    if mean <= 0.0:
        return Tail(len(ordered), start, share, 0.0, max(start, 1e-12), body)
    weighted = float((excess * ((count - 0.5 - np.arange(count)) / count)).mean())
    estimate = 2.0 - mean / max(mean - 2.0 * weighted, 1e-12 * mean)
    shape = min(max(estimate, LIGHTEST) + 1.0 / sqrt(count), HEAVIEST)
    return Tail(len(ordered), start, share, shape, mean * (1.0 - shape), body)
