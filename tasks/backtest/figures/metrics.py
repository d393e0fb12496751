"""The figures of a backtest, each with its unit and the convention it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.backtest.figures.comparison import comparison_figures
from tasks.backtest.figures.growth import fall_figures, growth_figures
from tasks.backtest.figures.sample import Sample
from tasks.backtest.figures.spread import spread_figures
from tasks.backtest.figures.trading import holding_figures, trading_figures
from tasks.backtest.market.periods import bars_a_year
from tasks.signal.summary import SUMMARY_SCHEMA, summarise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from taskspecs.frequencies import Frequency


def measure(
    equity: pl.DataFrame,
    *,
    frequency: Frequency,
    zone: str,
    trades: pl.DataFrame | None = None,
    spread: NDArray[np.float64] | None = None,
    short: int | None = None,
    ic: pl.DataFrame | None = None,
    overlap: int = 0,
) -> pl.DataFrame:
    """Return the metrics of a backtest.

    Parameters
    ----------
    equity
        One row a bar; see :class:`tasks.backtest.result.BacktestResult`.
    frequency, zone
        Of the bars; they say how many bars make a year.
    trades
        Fills: adds fees and slippage in money, and the capacity.
    spread
        Returns of a long-short portfolio of the scores, bar by bar: adds what it earned; see
        :func:`tasks.backtest.figures.spread.long_short_returns`.
    short
        Adds on how many bars the candidates were too few; see
        :func:`tasks.backtest.refusals.candidates.short_bars`.
    ic
        ``ts, ic, rank_ic, n``: adds the information coefficient, see
        :func:`tasks.signal.summary.summarise`.
    overlap
        How many following decisions the label of one overlaps with.

    Returns
    -------
    polars.DataFrame
        ``name``, ``value`` (Float64, null where undefined), ``unit``, ``note``; a row a figure,
        always in the same order.

    Notes
    -----
    Look-ahead: every figure depends on the whole period.
    """
    year = bars_a_year(equity["ts"], frequency, zone)
    net, benchmark = (equity[name].to_numpy() for name in ("net_return", "benchmark_return"))
    sample = Sample(equity, year, zone, net, benchmark)
    figures = [
        *growth_figures(sample),
        *fall_figures(sample),
        *trading_figures(sample, trades, short),
        *comparison_figures(sample),
        *holding_figures(sample),
        *spread_figures(spread, year),
    ]
    table = pl.DataFrame(figures, schema=SUMMARY_SCHEMA, orient="row")
    return table if ic is None else table.vstack(summarise(ic, overlap=overlap))
