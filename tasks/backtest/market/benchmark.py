"""What the strategy is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.market.tradability import fill_forward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.backtest.market.market import Market

EQUAL_WEIGHT = "equal_weight"


def benchmark_returns(market: Market, benchmark: str) -> NDArray[np.float64]:
    """Return the benchmark's return of every bar, before costs.

    Parameters
    ----------
    market
        All bars.
    benchmark
        ``equal_weight``: the mean return of all symbols that have one on that bar, rebalanced
        every bar. Or a symbol: its own return.

    Returns
    -------
    numpy.ndarray
        Float64, one for each step, a fraction; 0 where nothing has a return: on the first bar,
        or while the benchmark is suspended. A return counts from the last close there was, so
        the bar after a suspension holds the move of the whole gap.

    Notes
    -----
    Look-ahead: element `t` depends on closes up to and including `t`.
    """
    before = np.full_like(market.close, np.nan)
    before[1:] = fill_forward(market.close)[:-1]
    returns = market.close / before - 1
    if benchmark != EQUAL_WEIGHT:
        return np.nan_to_num(returns[:, market.symbols.index(benchmark)])
    counted = (~np.isnan(returns)).sum(axis=1)
    mean: NDArray[np.float64] = np.nansum(returns, axis=1) / np.maximum(counted, 1)
    return mean
