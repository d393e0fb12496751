"""A backtest regime by regime: the stretches between the drifts that were detected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.backtest.figures.stretches import FIGURES, stretch_figures
from tasks.backtest.market.periods import bars_a_year

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from taskspecs.frequencies import Frequency

LEAST_BARS = 20
"""A drift that follows another sooner than this does not begin a regime of its own."""

SCHEMA: dict[str, PolarsDataType] = {
    "regime": pl.Int64,
    "first": pl.Datetime("us", "UTC"),
    "last": pl.Datetime("us", "UTC"),
    "began_with": pl.String,
    **FIGURES,
}


def by_regime(
    equity: pl.DataFrame, patterns: pl.DataFrame, *, frequency: Frequency, zone: str
) -> pl.DataFrame:
    """Return the figures of every regime.

    A regime begins on the bar after a drift of a market series is known, and ends with the bar on
    which the next one is. Where no market series drifted and all patterns are of one symbol, that
    symbol's drifts count.

    Parameters
    ----------
    equity
        From a backtest.
    patterns
        ``type``, ``ts``, ``symbol`` (null for the market), ``source``; other columns are not
        looked at.
    frequency, zone
        Of the bars; they say how many bars make a year.

    Returns
    -------
    polars.DataFrame
        ``regime`` (Int64, from 1), ``first`` and ``last`` (Datetime us UTC, ends of bars),
        ``began_with`` (what had drifted; null for the first), ``bars``, and the figures of
        :func:`tasks.backtest.figures.stretches.stretch_figures` for each.

    Notes
    -----
    Look-ahead: it looks at the whole period: for judging, not for trading.
    """
    if equity.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    year = bars_a_year(equity["ts"], frequency, zone).bars
    drifts = _drifts(patterns)
    known = equity["ts"].search_sorted(drifts["ts"], side="right").to_list()
    begins: list[tuple[int, str | None]] = [(0, None)]
    for row, source in zip(known, drifts["source"], strict=True):
        if row - begins[-1][0] >= LEAST_BARS and row < len(equity):
            begins.append((row, source))
    ends = [*(row for row, _ in begins[1:]), len(equity)]
    rows = [
        (number, *_regime(equity[first:end], source, year))
        for number, ((first, source), end) in enumerate(zip(begins, ends, strict=True), 1)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _drifts(patterns: pl.DataFrame) -> pl.DataFrame:
    drifts = patterns.filter(pl.col("type") == "drift").select("ts", "symbol", "source")
    of_market = drifts.filter(pl.col("symbol").is_null())
    if of_market.is_empty() and drifts["symbol"].n_unique() == 1:
        of_market = drifts
    return of_market.sort("ts", "source")


def _regime(part: pl.DataFrame, source: str | None, bars_a_year: float) -> tuple[object, ...]:
    return (part["ts"][0], part["ts"][-1], source, *stretch_figures(part, bars_a_year))
