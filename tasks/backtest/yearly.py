"""A backtest year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tasks.backtest.periods import bars_a_year
from tasks.backtest.statistics import sharpe, volatility, worst_drawdown

if TYPE_CHECKING:
    from taskspecs.schema import Frequency

SCHEMA = {
    "year": pl.Int32,
    "bars": pl.Int64,
    "return": pl.Float64,
    "benchmark_return": pl.Float64,
    "volatility": pl.Float64,
    "sharpe": pl.Float64,
    "max_drawdown": pl.Float64,
    "turnover": pl.Float64,
    "cost": pl.Float64,
}


def by_year(
    equity: pl.DataFrame, *, frequency: Frequency = "day", zone: str = "UTC"
) -> pl.DataFrame:
    """Return the figures of every calendar year.

    Parameters
    ----------
    equity
        From a backtest.
    frequency
        Distance between bars.
    zone
        The zone in which years are counted.

    Returns
    -------
    polars.DataFrame
        ``year`` (Int32), ``bars`` (Int64), ``return`` and ``benchmark_return`` (compounded over
        the bars of the year, not annualised), ``volatility`` and ``sharpe`` (annualised, null
        where undefined), ``max_drawdown`` (within the year, from its start), ``turnover`` and
        ``cost`` (sums over the year, fractions of the account).
    """
    year = bars_a_year(equity["ts"], frequency, zone).bars
    local = equity.with_columns(year=pl.col("ts").dt.convert_time_zone(zone).dt.year())
    rows = [
        _figures(number, part, year)
        for (number,), part in local.group_by(["year"], maintain_order=True)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("year")


def _figures(number: object, part: pl.DataFrame, year: float) -> tuple[object, ...]:
    returns = part["net_return"].to_numpy()
    return (
        number,
        len(part),
        float(np.prod(1 + returns) - 1),
        float(np.prod(1 + part["benchmark_return"].to_numpy()) - 1),
        volatility(returns, year),
        sharpe(returns, year),
        worst_drawdown(returns).depth,
        float(part["turnover"].to_numpy().sum()),
        float(part["cost"].to_numpy().sum()),
    )
