"""A backtest year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.backtest.figures.stretches import FIGURES, stretch_figures
from tasks.backtest.market.periods import bars_a_year

if TYPE_CHECKING:
    from taskspecs.frequencies import Frequency

SCHEMA = {"year": pl.Int32, **FIGURES}


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
        ``year`` (Int32), and the figures of :func:`.stretches.stretch_figures`.

    Notes
    -----
    Look-ahead: looks at the whole period; for judging, not for trading.
    """
    year = bars_a_year(equity["ts"], frequency, zone).bars
    local = equity.with_columns(year=pl.col("ts").dt.convert_time_zone(zone).dt.year())
    rows = [
        (number, *stretch_figures(part, year))
        for (number,), part in local.group_by(["year"], maintain_order=True)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("year")
