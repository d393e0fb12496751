"""The Sharpe ratio that the best of many trials shows without any skill, and what exceeds it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gate.statistics.probabilistic import probabilistic_sharpe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gate.statistics.moments import Moments

    Floats = NDArray[np.float64]


class Deflation(NamedTuple):
    """What a Sharpe ratio had to exceed, and the probability that the true one does.

    Attributes
    ----------
    probability
        The deflated Sharpe ratio.
    hurdle
        The Sharpe ratio per bar that the best of the trials is expected to show without skill.
    trials
        How many were counted.
    effective_trials
        To how many independent ones they amount.
    """

    probability: float
    hurdle: float
    trials: int
    effective_trials: float


def expected_maximum_sharpe(variance: float, trials: float) -> float:
    """Return the highest Sharpe ratio to be expected of independent trials without skill.

    Parameters
    ----------
    variance
        Of the trials' Sharpe ratios; the unit of the result is that of its root.
    trials
        Their number; of one or fewer, nothing was chosen.

    Examples
    --------
    The worked example of the paper: a hundred trials whose yearly Sharpe ratios have a variance of
    one half, 250 bars a year.

    >>> round(expected_maximum_sharpe(0.5 / 250, 100), 4)
    0.1132

    References
    ----------
    Bailey and Lopez de Prado (2014), "The Deflated Sharpe Ratio", Journal of Portfolio Management
    40(5), equation 1.
    """
    if trials <= 1:
        return 0.0
    from scipy.special import ndtri

    first, second = ndtri(1 - 1 / trials), ndtri(1 - 1 / (trials * math.e))
    return float(math.sqrt(variance) * ((1 - np.euler_gamma) * first + np.euler_gamma * second))


def effective_trials(returns: Floats, trials: int) -> float:
    """Return to how many independent trials a family amounts.

    Trials whose returns are not known (aborted, failed, on other bars) count as independent.

    Parameters
    ----------
    returns
        Of the trials that are known, shape (bars, known).
    trials
        How many there are in all.

    Returns
    -------
    float
        As many as `trials` where all are independent.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    Examples
    --------
    >>> series = np.random.default_rng(0).normal(size=(500, 1))
    >>> effective_trials(np.repeat(series, 10, axis=1), 12)
    3.0

    References
    ----------
    Lopez de Prado (2014), as above, appendix 3: the mean correlation as a weight between one trial
    and all of them.
    """
    varied = returns[:, np.ptp(returns, axis=0) > 0] if len(returns) > 1 else returns[:, :0]
    known = varied.shape[1]
    unknown = max(trials - known, 0)
    if known < 2:
        return float(known + unknown)
    sums = np.corrcoef(varied, rowvar=False).sum()
    mean = (float(sums) - known) / (known * (known - 1))
    distinct = 1 + (known - 1) * (1 - min(max(mean, 0.0), 1.0))
    return float(round(unknown + distinct, 9))


def deflate(found: Moments, sharpes: Floats, returns: Floats, trials: int) -> Deflation:
    """Return the probability that a chosen strategy's Sharpe ratio is more than luck in choosing.

    The hurdle is the higher of two. One is the paper's, from the number of all trials and the
    variance of their Sharpe ratios. Repeating one trial a thousand times shrinks that variance, so
    the other takes the variance that a Sharpe ratio has by sampling alone, and the number of
    independent trials.

    Parameters
    ----------
    found
        Of the chosen strategy.
    sharpes
        Sharpe ratio per bar of each trial that is known, shape (known,).
    returns
        Of those on the same bars, shape (bars, at most known).
    trials
        How many there are in all, the unknown ones too.

    Returns
    -------
    Deflation
        The probability, the hurdle (a Sharpe ratio per bar), and the numbers of trials.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    References
    ----------
    Bailey and Lopez de Prado (2014), as above, equation 2.
    """
    independent = effective_trials(returns, trials)
    spread = float(np.var(sharpes, ddof=1)) if len(sharpes) > 1 else 0.0
    hurdle = max(
        expected_maximum_sharpe(spread, trials),
        expected_maximum_sharpe(1 / (found.bars - 1), independent),
    )
    return Deflation(probabilistic_sharpe(found, hurdle), hurdle, trials, independent)
