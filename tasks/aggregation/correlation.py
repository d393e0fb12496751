"""The mean of all pairwise correlations, without the pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_STD = 1e-12


def average_correlation(returns: NDArray[np.float64], window_bars: int) -> NDArray[np.float64]:
    """Return the mean pairwise correlation of returns over a rolling window.

    For N series z of unit variance, Var(sum z) = N + N (N - 1) r, where r is the mean of the
    N (N - 1) / 2 correlations; hence r = (Var(sum z) - N) / (N (N - 1)), exactly, in N steps a bar
    instead of N squared. As a measure of the market: Pollet and Wilson, "Average correlation and
    stock market returns", Journal of Financial Economics 2010.

    Parameters
    ----------
    returns
        Shape (bars, symbols), fraction a bar, NaN for none.
    window_bars
        Length of the window. Symbols with all its returns, not all equal, take part.

    Returns
    -------
    numpy.ndarray
        Shape (bars,), within [-1, 1]; NaN before the first full window and where fewer than two
        symbols take part.

    Notes
    -----
    Look-ahead: row i depends on returns up to row i.

    Examples
    --------
    >>> up = np.array([0.01, -0.02, 0.03, 0.01])
    >>> average_correlation(np.column_stack([up, 2 * up]), 3).round(6).tolist()
    [nan, nan, 1.0, 1.0]
    """
    bars = len(returns)
    result = np.full(bars, np.nan)
    for last in range(window_bars - 1, bars):
        result[last] = _of_window(returns[last - window_bars + 1 : last + 1])
    return result


def _of_window(window: NDArray[np.float64]) -> float:
    # Sums by numpy, not BLAS: their order, and so the last bit, does not depend on threads.
    std = window.std(axis=0)
    symbols = np.flatnonzero(std > _LEAST_STD)  # false for NaN
    n = len(symbols)
    if n < 2:
        return np.nan
    total = (window[:, symbols] / std[symbols]).sum(axis=1)
    return min(1.0, float((total.var() - n) / (n * (n - 1))))  # rounding may pass 1
