"""A number with its standard error, and what the two allow one to say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tasks.signal.summary import newey_west_lags, newey_west_t

if TYPE_CHECKING:
    from numpy.typing import NDArray

CRITICAL = 1.96
"""Standard errors from zero beyond which chance alone leads in one case of twenty."""


class Estimate(NamedTuple):
    """A number and its standard error, in the same unit."""

    value: float
    error: float

    @property
    def errors_from_zero(self) -> float:
        """How many standard errors lie between the value and zero."""
        return abs(self.value) / self.error if self.error > 0 else math.inf

    @property
    def distinguishable(self) -> bool:
        """Whether it differs from zero at the level of 5 %."""
        return self.errors_from_zero >= CRITICAL

    def scaled(self, factor: float) -> Estimate:
        """Return the estimate in another unit."""
        return Estimate(self.value * factor, self.error * factor)


def estimate_mean(values: NDArray[np.float64]) -> Estimate | None:
    """Estimate the mean of a series whose neighbours may be alike.

    Parameters
    ----------
    values
        Float64, shape (n,), in the order of time; what is not finite is left out.

    Returns
    -------
    Estimate or None
        The mean and its standard error, robust against autocorrelation: the error that
        :func:`tasks.signal.summary.newey_west_t` divides by. None where that is undefined.

    Notes
    -----
    Look-ahead: it looks at the whole series: for judging, not for trading.

    Examples
    --------
    >>> estimate = estimate_mean(np.array([1.0, -1.0, 1.0, -1.0] * 25))
    >>> estimate.value, estimate.distinguishable
    (0.0, False)
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return None
    mean, spread = float(np.mean(known)), float(np.std(known))
    # about a mean that is surely not zero, the t-value gives the error away
    t_value = newey_west_t(known - mean + spread, newey_west_lags(len(known), 0))
    return None if t_value is None else Estimate(mean, spread / t_value)
