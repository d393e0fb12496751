"""The probabilistic Sharpe ratio, and how long a track record must be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gate.statistics.moments import Moments


def probabilistic_sharpe(found: Moments, benchmark: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio is above a benchmark.

    Parameters
    ----------
    found
        Of the series.
    benchmark
        Sharpe ratio per bar.

    Examples
    --------
    >>> from gate.statistics.moments import Moments
    >>> round(probabilistic_sharpe(Moments(0.1, 252, 0.0, 3.0)), 4)
    0.943

    References
    ----------
    Bailey and Lopez de Prado (2012), "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2),
    equation 11.
    """
    from scipy.special import ndtr

    spread = math.sqrt(found.sharpe_variance)
    return float(ndtr((found.sharpe - benchmark) * math.sqrt(found.bars - 1) / spread))


def minimum_track_record(
    found: Moments, benchmark: float = 0.0, *, confidence: float = 0.95
) -> float:
    """Return how many bars would show, at a confidence, that a Sharpe ratio is above a benchmark.

    Parameters
    ----------
    found
        Of the series as it is; more bars of its kind are assumed.
    benchmark
        Sharpe ratio per bar.

    Returns
    -------
    float
        Bars; infinite where the Sharpe ratio is not above the benchmark.

    Examples
    --------
    >>> from gate.statistics.moments import Moments
    >>> round(minimum_track_record(Moments(0.1, 252, 0.0, 3.0)), 1)
    272.9

    References
    ----------
    Bailey and Lopez de Prado (2012), as above, equation 13.
    """
    if found.sharpe <= benchmark:
        return math.inf
    from scipy.special import ndtri

    distance = float(ndtri(confidence)) / (found.sharpe - benchmark)
    return 1 + found.sharpe_variance * distance**2
