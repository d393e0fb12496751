"""What looks wrong in bars but is left as it is: moves, glitches, gaps, survivorship."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.bars.order import following, previous
from tasks.ingest.health import Finding
from tasks.ingest.times.frequency import DISTANCE, is_intraday

if TYPE_CHECKING:
    from tasks.ingest.times.clock import Clock

LARGE_MOVE, GLITCH_MOVE, GLITCH_RETURN = 0.40, 0.15, 0.05
# Lunch breaks are an hour and more; exchanges close for at most eleven days (Chinese New Year).
_BREAK, _HOLIDAYS = timedelta(hours=1), timedelta(days=11)
_RECURS, _OFTEN = 2, 0.2
_BIASED_AFTER = timedelta(days=365)


def suspicions(bars: pl.DataFrame, clock: Clock) -> list[Finding]:
    """Return what a careful reader of these bars would want to know; alters nothing.

    Parameters
    ----------
    bars
        Sorted by symbol and ts, adjusted.

    Notes
    -----
    Look-ahead: glitches, gaps and survivorship look at later bars. They are for the report only.
    """
    return [
        *_moves(bars, clock),
        _gaps(bars),
        _holes(bars, clock),
        _survivorship(bars),
    ]


def _moves(bars: pl.DataFrame, clock: Clock) -> list[Finding]:
    closes = bars.filter(pl.col("close").is_not_null()).select("symbol", "ts", "close")
    seen = closes.with_columns(before=previous("close"), after=following("close"))
    move = (pl.col("close") / pl.col("before") - 1).abs()
    back = (pl.col("after") / pl.col("before") - 1).abs()
    show = ("before", "close", "after")
    return [
        Finding.of("large_move", seen.filter(move > LARGE_MOVE), clock, show=show[:2]),
        Finding.of(
            "glitch", seen.filter((move > GLITCH_MOVE) & (back < GLITCH_RETURN)), clock, show=show
        ),
    ]


def _gaps(bars: pl.DataFrame) -> Finding:
    """Count bars that others have and a symbol lacks between its first and its last."""
    lives = (
        bars.select("symbol", place=pl.col("ts").rank("dense").cast(pl.Int64))
        .group_by("symbol")
        .agg(life=pl.col("place").max() - pl.col("place").min() + 1, has=pl.len().cast(pl.Int64))
        .with_columns(lacks=pl.col("life") - pl.col("has"))
        .filter(pl.col("lacks") > 0)
        .sort("lacks", "symbol", descending=[True, False])
    )
    if lives.is_empty():
        return Finding("gap", 0)
    worst = lives.row(0, named=True)
    example = f"{worst['symbol']} lacks {worst['lacks']:,} of {worst['life']:,}"
    return Finding("gap", int(lives["lacks"].sum()), lives.height, example)


def _holes(bars: pl.DataFrame, clock: Clock) -> Finding:
    calendar = bars.select(pl.col("ts").unique().sort()).with_columns(step=pl.col("ts").diff())
    length = DISTANCE[clock.frequency]
    step = pl.col("step")
    is_hole = step > max(_HOLIDAYS, 2 * length)
    if is_intraday(clock.frequency):
        calendar = _with_pauses(calendar.filter(step > length), bars, clock)
        is_hole |= (step < _BREAK) | ~pl.col("is_pause")
    holes = calendar.filter(is_hole).sort("step", "ts", descending=[True, False])
    if holes.is_empty():
        return Finding("hole", 0)
    example = f"{holes['step'][0]} up to {clock.show(holes['ts'][0])}"
    return Finding("hole", holes.height, bars["symbol"].n_unique(), example)


def _with_pauses(gaps: pl.DataFrame, bars: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Tell gaps that recur at their time of the day or of the week, and nights, from others."""
    local = pl.col("ts").dt.convert_time_zone(clock.zone).dt.replace_time_zone(None)
    begin = local - pl.col("step")
    days = bars.select(local.dt.date().n_unique()).item()
    marked = gaps.with_columns(
        clock_time=begin - begin.dt.truncate("1d"),
        weekday=begin.dt.weekday(),
        over_night=begin.dt.date() != local.dt.date(),
    )
    daily = pl.len().over("clock_time") >= max(_RECURS, _OFTEN * days)
    weekly = pl.len().over("clock_time", "weekday") >= max(_RECURS, _OFTEN * days / 5)
    nights = marked.filter("over_night").height >= 0.5 * (days - 1) if days > 1 else False
    return marked.with_columns(
        is_pause=daily | weekly | (pl.col("over_night") & pl.lit(bool(nights)))
    )


def _survivorship(bars: pl.DataFrame) -> Finding:
    ends = bars.group_by("symbol").agg(pl.col("ts").max())
    first, last = bars.select(first=pl.col("ts").min(), last=pl.col("ts").max()).row(0)
    all_live = ends["ts"].n_unique() == 1 and ends.height > 1
    if not all_live or last - first < _BIASED_AFTER:
        return Finding("survivorship", 0)
    example = f"none of {ends.height:,} symbols ends before the last day"
    return Finding("survivorship", ends.height, ends.height, example)
