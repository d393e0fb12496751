"""The times at which a backtest moves: one step for each bar of the market."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput

if TYPE_CHECKING:
    from taskspecs.frequencies import Frequency

PERIODS = {"day": "1d", "week": "1w", "month": "1mo"}
"""Frequencies whose bars belong together by the calendar, whatever the hour each one ends."""


def step_of(frequency: Frequency, zone: str) -> pl.Expr:
    """Return the expression that names the step of a row by its ``ts``.

    Parameters
    ----------
    frequency
        Bars of a day, a week or a month belong to one step though markets close at different
        hours; shorter bars belong together when they end at the same time.
    zone
        The zone in which days are counted.

    Returns
    -------
    polars.Expr
        Date for days, weeks and months; Datetime("us", "UTC") for shorter bars.
    """
    if frequency not in PERIODS:
        return pl.col("ts").alias("step")
    day = pl.col("ts").dt.convert_time_zone(zone).dt.date()
    return day.dt.truncate(PERIODS[frequency]).alias("step")


def list_steps(bars: pl.DataFrame, frequency: Frequency, zone: str) -> pl.DataFrame:
    """List the steps of a market in order.

    Parameters
    ----------
    bars
        ``symbol``, ``ts`` at least.
    frequency
        Distance between bars.
    zone
        IANA name of the zone in which days are counted.

    Returns
    -------
    polars.DataFrame
        ``row`` (UInt32, from 0), ``step``, ``ts`` (the latest end of a bar of that step), ``day``
        (its local date).

    Raises
    ------
    BadInput
        When a symbol has two bars in one step: the frequency does not fit the data.

    Notes
    -----
    Look-ahead: a step depends on bars of that step only.
    """
    stepped = bars.select("symbol", "ts", step_of(frequency, zone))
    twice = stepped.filter(pl.struct("symbol", "step").is_duplicated()).head(1)
    if not twice.is_empty():
        symbol, ts, step = twice.row(0)
        raise BadInput(
            f"{symbol} has more than one bar in the {frequency} of {step} (one of them at {ts})",
            hint="data.frequency says how far apart the bars of the source are; correct it",
        )
    return (
        stepped.group_by("step")
        .agg(pl.col("ts").max())
        .sort("step")
        .with_columns(pl.col("ts").dt.convert_time_zone(zone).dt.date().alias("day"))
        .with_row_index("row")
    )
