"""The figures of one stretch of a backtest: a year, or a regime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tasks.backtest.figures.statistics import sharpe, volatility, worst_drawdown

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

FIGURES: dict[str, PolarsDataType] = {
    "bars": pl.Int64,
    "return": pl.Float64,
    "benchmark_return": pl.Float64,
    "volatility": pl.Float64,
    "sharpe": pl.Float64,
    "max_drawdown": pl.Float64,
    "turnover": pl.Float64,
    "cost": pl.Float64,
}


def stretch_figures(part: pl.DataFrame, bars_a_year: float) -> tuple[object, ...]:
    """Return the figures of the bars of one stretch, in the order of `FIGURES`.

    Parameters
    ----------
    part
        Rows of a backtest's equity, in order, at least one.
    bars_a_year
        How many bars make a year.

    Returns
    -------
    tuple
        ``bars``; ``return`` and ``benchmark_return`` (compounded over the stretch, not
        annualised), ``volatility`` and ``sharpe`` (annualised, null where undefined),
        ``max_drawdown`` (within the stretch, from its start), ``turnover`` and ``cost`` (sums,
        fractions of the account).

    Notes
    -----
    Look-ahead: looks at the whole stretch; for judging, not for trading.
    """
    returns = part["net_return"].to_numpy()
    return (
        len(part),
        float(np.prod(1 + returns) - 1),
        float(np.prod(1 + part["benchmark_return"].to_numpy()) - 1),
        volatility(returns, bars_a_year),
        sharpe(returns, bars_a_year),
        worst_drawdown(returns).depth,
        float(part["turnover"].to_numpy().sum()),
        float(part["cost"].to_numpy().sum()),
    )
