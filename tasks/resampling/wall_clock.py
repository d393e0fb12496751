"""Periods by the clock on the wall: marks of hours, ends of days, weeks and months."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from tasks.ingest.times.clock import localise
from taskspecs.frequencies import MINUTES

if TYPE_CHECKING:
    from datetime import date, time

    from taskspecs.frequencies import Frequency

_TICK: Final = pl.duration(microseconds=1)
_MARGIN: Final = timedelta(days=2)
_LONGEST: Final = timedelta(days=32)

LAST_DAYS: Final = {
    "day": pl.lit(value=True),
    "week": pl.col("day").dt.weekday() == 7,
    "month": pl.col("day") == pl.col("day").dt.month_end(),
}
"""Whether a day is the last of its period; weeks end on Sunday."""


def mark_ends(ts: pl.Series, every: Frequency, zone: str) -> pl.Series:
    """Return the next mark of the local clock at or after each time.

    Of the hour that a change of the clock repeats, each half has its own marks.

    Parameters
    ----------
    ts
        Datetime us UTC.
    every
        Less than a day.
    zone
        IANA name.

    Returns
    -------
    polars.Series
        Datetime us UTC, as long as `ts`.

    Notes
    -----
    Look-ahead: none; an end depends on its own time.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> ts = pl.Series([datetime(2024, 1, 2, 14, 31, tzinfo=UTC)])
    >>> mark_ends(ts, "15min", "UTC").dt.strftime("%H:%M").to_list()
    ['14:45']
    """
    return length_ends(ts, 60 * MINUTES[every], zone)


def length_ends(ts: pl.Series, seconds: int, zone: str) -> pl.Series:
    """Return the next mark at or after each time, marks being so many seconds apart.

    They are counted on the local clock, from 1970 on; see :func:`mark_ends`.

    Parameters
    ----------
    ts
        Datetime us, UTC.
    seconds
        Distance between marks; it divides a day.
    zone
        IANA name of the zone in which they are counted.

    Returns
    -------
    polars.Series
        Datetime us, UTC, of the same length.

    Notes
    -----
    Look-ahead: none; a mark depends on its own time.
    """
    length = pl.duration(seconds=seconds)
    before = pl.col("ts") - _TICK
    local = before.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    end = before + length - (local - local.dt.truncate(f"{seconds}s"))
    return ts.rename("ts").to_frame().select(ts=end).to_series()


def day_ends(first: date, last: date, every: Frequency, zone: str, close: time | None) -> pl.Series:
    """Return the ends of days, weeks or months in UTC, rising, a period more than asked for.

    Parameters
    ----------
    first, last
        Local days that must be covered.
    every
        A day or more.
    zone
        IANA name.
    close
        Local time at which a day is over; None for midnight.

    Returns
    -------
    polars.Series
        Datetime us UTC.

    Notes
    -----
    Look-ahead: none; ends depend on the local calendar alone.
    """
    days = pl.DataFrame(
        {"day": pl.date_range(first - _MARGIN, last + _LONGEST + _MARGIN, eager=True)}
    )
    return at_close(days.filter(LAST_DAYS[every])["day"], zone, close)


def at_close(days: pl.Series, zone: str, close: time | None) -> pl.Series:
    """Return the instants at which local days are over, in UTC.

    Parameters
    ----------
    days
        Local dates, rising.
    zone
        IANA name.
    close
        Local time at which a day is over; None for midnight.

    Returns
    -------
    polars.Series
        Datetime us UTC, as long as `days`.

    Notes
    -----
    Look-ahead: none; an instant depends on its own day.
    """
    midnight = days.cast(pl.Datetime("us"))
    if close is None:
        return _midnights(midnight + timedelta(days=1), zone)
    seconds = timedelta(hours=close.hour, minutes=close.minute, seconds=close.second)
    return localise(midnight + seconds, zone).utc


def _midnights(wall: pl.Series, zone: str) -> pl.Series:
    """Localise midnights; a day ends when the next one's first moment comes."""
    early = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    moved = localise(wall, zone).utc  # skipped midnights are an hour later
    return early.dt.convert_time_zone("UTC").fill_null(moved).rename("ts")
