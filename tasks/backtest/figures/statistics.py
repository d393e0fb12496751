"""Figures of a series of returns: of one bar each, as fractions, risk-free rate zero.

Every function takes Float64 arrays in the order of time and returns None where the figure is
undefined, never a NaN. They look at the whole series: for judging, not for trading.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Drawdown(NamedTuple):
    """The deepest fall; places count from 0, the value before the first bar."""

    depth: float
    peak: int
    trough: int
    end: int
    recovered: bool


def annual_return(returns: Floats, bars_a_year: float) -> float:
    """Return the constant yearly growth that leads to the same end (geometric).

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).
    bars_a_year
        How many bars make a year.

    Returns
    -------
    float
        A fraction a year; -1 where everything was lost.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    Examples
    --------
    >>> round(annual_return(np.array([0.1, 0.1]), 1), 6)
    0.1
    """
    growth = float(np.prod(1 + returns))
    if growth <= 0:
        return -1.0
    return float(growth ** (bars_a_year / len(returns)) - 1)


def volatility(returns: Floats, bars_a_year: float) -> float | None:
    """Return the standard deviation (n - 1) of a year: that of a bar times the root of bars.

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).
    bars_a_year
        How many bars make a year.

    Returns
    -------
    float or None
        A fraction a year; None for fewer than two bars.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.
    """
    if len(returns) < 2:
        return None
    return float(np.std(returns, ddof=1)) * math.sqrt(bars_a_year)


def sharpe(returns: Floats, bars_a_year: float) -> float | None:
    """Return the yearly ratio of mean to standard deviation.

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).
    bars_a_year
        How many bars make a year.

    Returns
    -------
    float or None
        Risk-free rate 0; None where returns do not vary.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    References
    ----------
    Sharpe (1994), "The Sharpe Ratio", Journal of Portfolio Management 21(1).
    """
    spread = volatility(returns, bars_a_year)
    if not spread or np.ptp(returns) == 0:
        return None
    return float(np.mean(returns)) * bars_a_year / spread


def sharpe_error(returns: Floats, bars_a_year: float) -> float | None:
    """Return the standard error of the yearly Sharpe ratio for independent returns.

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).
    bars_a_year
        How many bars make a year.

    Returns
    -------
    float or None
        A year, as :func:`sharpe`; None where that is.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    References
    ----------
    Lo (2002), "The Statistics of Sharpe Ratios", Financial Analysts Journal 58(4), equation 9.
    """
    yearly = sharpe(returns, bars_a_year)
    if yearly is None:
        return None
    ratio = yearly / math.sqrt(bars_a_year)
    return math.sqrt((1 + ratio**2 / 2) / len(returns) * bars_a_year)


def sharpe_error_by_moments(returns: Floats, bars_a_year: float) -> float | None:
    """Return the standard error of the yearly Sharpe ratio, allowing for skew and fat tails.

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).
    bars_a_year
        How many bars make a year.

    Returns
    -------
    float or None
        A year, as :func:`sharpe`; None where that is, or where moments allow no error.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    References
    ----------
    Mertens (2002), "Comments on variance of the IID estimator in Lo (2002)"; Opdyke (2007),
    "Comparing Sharpe ratios: so where are the p-values?", Journal of Asset Management 8(5).
    """
    yearly = sharpe(returns, bars_a_year)
    if yearly is None:
        return None
    ratio = yearly / math.sqrt(bars_a_year)
    scaled = (returns - np.mean(returns)) / np.std(returns)
    skew, kurtosis = float(np.mean(scaled**3)), float(np.mean(scaled**4))
    variance = 1 + ratio**2 / 2 - skew * ratio + (kurtosis - 3) / 4 * ratio**2
    return math.sqrt(variance / len(returns) * bars_a_year) if variance > 0 else None


def sortino(returns: Floats, bars_a_year: float) -> float | None:
    """Return the yearly ratio of mean to downside deviation, below zero, over all bars.

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).
    bars_a_year
        How many bars make a year.

    Returns
    -------
    float or None
        A year; None where no bar lost.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    References
    ----------
    Sortino, van der Meer (1991), "Downside Risk", Journal of Portfolio Management 17(4).
    """
    downside = math.sqrt(float(np.mean(np.minimum(returns, 0) ** 2))) if len(returns) else 0.0
    if downside == 0:
        return None
    return float(np.mean(returns)) / downside * math.sqrt(bars_a_year)


def worst_drawdown(returns: Floats) -> Drawdown:
    """Return the deepest fall below an earlier height, the start included.

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).

    Returns
    -------
    Drawdown
        Depth as a fraction at most 0; peak, trough and end as indices of wealth, which has the
        start at 0 and bar `i` at `i + 1`.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    Examples
    --------
    >>> fall = worst_drawdown(np.array([0.5, -0.5, 1.0]))
    >>> fall.depth, fall.peak, fall.trough, fall.end, fall.recovered
    (-0.5, 1, 2, 3, True)
    """
    wealth = np.concatenate([[1.0], np.cumprod(1 + returns)])
    fall = wealth / np.maximum.accumulate(wealth) - 1
    trough = int(np.argmin(fall))
    peak = int(np.argmax(wealth[: trough + 1]))
    back = np.flatnonzero(wealth[trough:] >= wealth[peak])
    recovered = bool(len(back))
    end = trough + int(back[0]) if recovered else len(wealth) - 1
    return Drawdown(float(fall[trough]), peak, trough, end, recovered)


def beta(returns: Floats, benchmark: Floats) -> float | None:
    """Return the slope of returns on those of the benchmark (ordinary least squares).

    Parameters
    ----------
    returns
        One bar each, as fractions, shape (bars,).
    benchmark
        Its returns on the same bars.

    Returns
    -------
    float or None
        None for fewer than two bars, or where the benchmark does not vary.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.
    """
    if len(returns) < 2 or np.ptp(benchmark) == 0:
        return None
    centred = benchmark - np.mean(benchmark)
    return float(np.dot(centred, returns - np.mean(returns)) / np.dot(centred, centred))
