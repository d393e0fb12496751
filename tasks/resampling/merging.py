"""Finer bars merged into coarser ones."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, in_spec
from tasks.resampling.resampling import Marks, Resampling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from taskspecs.frequencies import Frequency
    from taskspecs.schema import TaskSpec

_KEYS = ("symbol", "ts")


def resample(
    bars: pl.DataFrame,
    every: Frequency,
    *,
    frequency: Frequency,
    zone: str = "UTC",
    session_close: str | None = None,
    calendar: str | None = None,
) -> pl.DataFrame:
    """Make coarser bars of finer ones.

    Labels stand on the right: `ts` is the bar's end, and a finer bar that ends with it is its last
    part. A bar exists once its time is over, that is, once any symbol has a row at or after its
    end; so the last, unfinished one of the data is left out, and cutting the data off never changes
    a bar. Parts that are missing do not hold a bar back: a minute without trades is one. The first
    bar of the data is made of what there is. No bar reaches across the end of a day or a session.

    `open` is the first value there is, `close` and `factor` the last, `high` the highest, `low` the
    lowest, `volume` and `amount` sums, `vwap` the mean weighted by volume; any other column gives
    its last value. A value that is missing, NaN or infinite takes no part; where all are, it is
    missing. `known_at` is the latest of the parts', and not before the bar's end.

    Parameters
    ----------
    bars
        `symbol, ts (Datetime us UTC)` and columns of bars, unique by (symbol, ts), in any order;
        prices adjusted.
    every
        Distance between the bars that are wanted.
    frequency
        Distance between the bars that are there.
    zone
        IANA name of the zone in which hours, days, weeks and months are counted; weeks end on
        Sunday. Both hours that a change of the clock repeats are bars.
    session_close
        Local time at which a day is over, as `16:00`; default its end, which for bars of days is
        23:59:59, as ingest counts it.
    calendar
        An exchange by its name in `exchange-calendars`, as `XNYS`; see :class:`Resampling`.

    Returns
    -------
    polars.DataFrame
        The columns of `bars`, sorted by (symbol, ts).

    Raises
    ------
    BadInput
        Bars that cannot be made of these, no such zone or calendar, or a calendar in whose sessions
        no bar lies.

    Notes
    -----
    Look-ahead: a bar at `ts` depends on rows up to `ts`, and so does whether it is there.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> minutes = [datetime(2024, 1, 2, 10, minute, tzinfo=UTC) for minute in range(1, 8)]
    >>> bars = pl.DataFrame({"symbol": "A", "ts": minutes, "close": [1.0, 2, 3, 4, 5, 6, 7]})
    >>> bars = bars.cast({"ts": pl.Datetime("us", "UTC")})
    >>> resample(bars, "5min", frequency="1min").select(pl.col("ts").dt.minute(), "close").rows()
    [(5, 5.0)]
    """
    close = time.fromisoformat(session_close) if session_close else None
    return merge(bars, Resampling(every, frequency, zone, close, calendar))


def study_bars(bars: pl.DataFrame, spec: TaskSpec) -> pl.DataFrame:
    """Return the bars that a study works on: its source's, or coarser ones made of them.

    Parameters
    ----------
    bars
        As they were ingested.
    spec
        The study.

    Returns
    -------
    polars.DataFrame
        With the same columns.

    Notes
    -----
    Look-ahead: a bar at `ts` depends on rows up to `ts`.
    """
    resampling = Resampling.of(spec)
    return bars if resampling is None else merge(bars, resampling)


def merge(
    bars: pl.DataFrame, resampling: Resampling | Marks, *, until: datetime | None = None
) -> pl.DataFrame:
    """Make coarser bars; see :func:`resample`.

    Rows of one symbol and time, as trades are, keep the order in which they are given.

    Parameters
    ----------
    bars
        As they were ingested.
    resampling
        Which ends, by which calendar.
    until
        Bars whose end is not later are over; default the latest row's time.

    Returns
    -------
    polars.DataFrame
        With the same columns, sorted by (symbol, ts); a bar that is not over is absent.

    Raises
    ------
    BadInput
        No bar lies in a session of the calendar.

    Notes
    -----
    Look-ahead: a bar at `ts` depends on rows up to `ts`, and so does whether it is there.
    """
    ended = bars.with_columns(resampling.ends(bars["ts"]).alias("__end"))
    inside = ended.filter(pl.col("__end").is_not_null())
    if inside.is_empty() and not bars.is_empty():
        raise BadInput(
            f"of {bars.height:,} bars none lies in a session of {resampling.calendar}",
            place=in_spec("aggregation.calendar"),
            hint="are stamps in `data.timezone`, and is it the calendar of their exchange?",
        )
    names = [name for name in bars.columns if name not in _KEYS]
    over = bars["ts"].max() if until is None else until
    return (
        inside.filter(pl.col("__end") <= pl.lit(over, bars.schema["ts"]))
        .sort(_KEYS, maintain_order=True)
        .group_by("symbol", "__end", maintain_order=True)
        .agg(_merged(name, bars).alias(name) for name in names)
        .rename({"__end": "ts"})
        .select(bars.columns)
        .sort(_KEYS)
    )


def _merged(name: str, bars: pl.DataFrame) -> pl.Expr:
    return _RULES.get(name, _last)(_present(name, bars.schema[name]))


def _present(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    return pl.when(value.is_finite()).then(value) if dtype.is_float() else value


def _first(value: pl.Expr) -> pl.Expr:
    return value.drop_nulls().first()


def _last(value: pl.Expr) -> pl.Expr:
    return value.drop_nulls().last()


def _sum(value: pl.Expr) -> pl.Expr:
    return pl.when(value.count() > 0).then(value.sum())


def _vwap(value: pl.Expr) -> pl.Expr:
    volume = pl.col("volume").cast(pl.Float64)
    weight = pl.when(value.is_not_null() & volume.is_finite()).then(volume)
    return pl.when(weight.sum() > 0).then((value * weight).sum() / weight.sum())


def _known(value: pl.Expr) -> pl.Expr:
    return pl.max_horizontal(value.max(), pl.col("__end").first())


_RULES: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "open": _first,
    "high": pl.Expr.max,
    "low": pl.Expr.min,
    "close": _last,
    "volume": _sum,
    "amount": _sum,
    "vwap": _vwap,
    "factor": _last,
    "known_at": _known,
}
"""How the parts of a bar become one; what is not named gives its last value."""
