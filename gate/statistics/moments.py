"""The moments of a series of returns that decide how surely its Sharpe ratio is known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_BARS = 8
"""Below this, third and fourth moments say nothing."""


class Moments(NamedTuple):
    """What is known of a series of returns.

    Attributes
    ----------
    sharpe
        Mean over standard deviation (n - 1) of one bar; not annualised.
    bars
        Number of returns.
    skewness, kurtosis
        Third and fourth standardised moments; the kurtosis of a normal series is 3.
    """

    sharpe: float
    bars: int
    skewness: float
    kurtosis: float

    @property
    def sharpe_variance(self) -> float:
        """Variance of the estimated Sharpe ratio per bar, times ``bars - 1``.

        References
        ----------
        Lo (2002); Mertens (2002); as in Bailey and Lopez de Prado (2012), equation 7.
        """
        return 1 - self.skewness * self.sharpe + (self.kurtosis - 1) / 4 * self.sharpe**2


def moments(returns: Floats) -> Moments | None:
    """Measure a series; none where it is too short, constant, or has a value that is no number.

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).

    Returns
    -------
    Moments or None
        Sharpe ratio per bar, number of bars, skewness, kurtosis (3 for a normal one).

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    Examples
    --------
    >>> found = moments(np.tile([0.01, -0.005], 50))
    >>> round(found.sharpe, 3), found.bars, round(found.skewness, 3), round(found.kurtosis, 3)
    (0.332, 100, 0.0, 1.0)
    """
    if len(returns) < FEWEST_BARS or not np.isfinite(returns).all():
        return None
    mean = float(returns.mean())
    centred = returns - mean
    deviation = math.sqrt(float((centred**2).mean()))
    # Rounding leaves a spread of this size in a series that has none.
    if deviation <= 1e-14 + 1e-12 * abs(mean):
        return None
    scaled = centred / deviation
    return Moments(
        mean / float(returns.std(ddof=1)),
        len(returns),
        float((scaled**3).mean()),
        float((scaled**4).mean()),
    )
