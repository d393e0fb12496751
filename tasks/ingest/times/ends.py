"""From time stamps to the instant at which each bar was complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.ingest.times.clock import localise
from tasks.ingest.times.frequency import DISTANCE, is_intraday

if TYPE_CHECKING:
    from tasks.ingest.times.clock import Clock
    from tasks.ingest.times.stamps import Stamps

_HALF_HOUR = timedelta(minutes=30)
_FRIDAY, _SUNDAY = 5, 7


@dataclass(frozen=True, slots=True)
class Ends:
    """When bars were complete, and how that was concluded.

    Parameters
    ----------
    ts
        Datetime("us", "UTC"), as long as the stamps.
    skipped, repeated
        Boolean: local times that daylight saving skips or repeats.
    how
        The rule, for a person.
    guess
        The health rule that says what was guessed, if anything was.
    """

    ts: pl.Series
    skipped: pl.Series
    repeated: pl.Series
    how: str
    guess: str | None = None


def ends(stamps: Stamps, symbol: pl.Series, clock: Clock) -> Ends:
    """Return when each bar was complete.

    A day's bar is complete when the session closes; a longer one on its last day; a shorter one
    at its stamp, or one bar later if the stamp is the bar's start.

    Parameters
    ----------
    stamps
        In file order.
    symbol
        Beside them.
    clock
        The source's.

    Raises
    ------
    BadInput
        If the stamps are instants that make days run from Sunday to Thursday.

    Notes
    -----
    Look-ahead: where nothing tells whether stamps are starts or ends they are taken as starts,
    which can only make a bar known later than it was.
    """
    if is_intraday(clock.frequency):
        return _intraday(stamps, symbol, clock)
    return _daily(stamps, clock)


def _intraday(stamps: Stamps, symbol: pl.Series, clock: Clock) -> Ends:
    read = stamps.times
    if read.kind == "instant":
        none = pl.repeat(value=False, n=len(read.utc), eager=True)
        ts, skipped, repeated = read.utc.dt.replace_time_zone("UTC"), none, none
    else:
        local = localise(read.wall, clock.zone, symbol)
        ts, skipped, repeated = local.utc, local.skipped, local.repeated
    if stamps.role == "close_time":
        return Ends(_rounded(ts), skipped, repeated, "the bar's end")
    length = DISTANCE[clock.frequency]
    if stamps.role == "open_time":
        return Ends(ts + length, skipped, repeated, f"the bar's start, plus {clock.frequency}")
    if _stamps_are_ends(ts.dt.convert_time_zone(clock.zone)):
        return Ends(ts, skipped, repeated, "the bar's end, by the session's hours", "bar_stamp")
    how = f"taken as the bar's start, plus {clock.frequency}"
    return Ends(ts + length, skipped, repeated, how, "bar_stamp")


def _rounded(ts: pl.Series) -> pl.Series:
    """Lift ends as 09:30:59.999 to the minute that they mean."""
    lifted = ts.dt.offset_by("1s").dt.truncate("1m")
    last_second = (lifted > ts).all()
    return lifted if last_second else ts


def _stamps_are_ends(local: pl.Series) -> bool:
    """Whether sessions begin one bar after a full half hour, and end on one."""
    frame = pl.DataFrame({"local": local.drop_nulls().dt.replace_time_zone(None)})
    day = pl.col("local").dt.truncate("1d")
    of_days = (
        frame.group_by(day.alias("day"))
        .agg(first=pl.col("local").min(), last=pl.col("local").max())
        .select(pl.col("first", "last") - pl.col("day"))
    )
    if of_days.is_empty():
        return False
    first, last = (of_days[name].mode().sort()[0] for name in ("first", "last"))
    return bool(first % _HALF_HOUR and not last % _HALF_HOUR)


def _daily(stamps: Stamps, clock: Clock) -> Ends:
    days, guess = _days(stamps, clock)
    days, shift, shifted = _last_days(days, stamps, clock)
    close = timedelta(hours=clock.close.hour, minutes=clock.close.minute)
    local = localise(days + close + timedelta(seconds=clock.close.second), clock.zone)
    how = f"{shift}complete at {clock.close} {clock.zone}"
    return Ends(local.utc, local.skipped, local.repeated, how, "bar_stamp" if shifted else guess)


def _days(stamps: Stamps, clock: Clock) -> tuple[pl.Series, str | None]:
    """Return the day that each stamp means, as Datetime at midnight."""
    read = stamps.times
    written = read.wall.dt.truncate("1d")
    if read.kind != "instant" or (written == read.wall).all():
        return written, None
    if clock.zone_is_given:
        utc = read.utc.dt.replace_time_zone("UTC")
        local = utc.dt.convert_time_zone(clock.zone).dt.replace_time_zone(None)
        return local.dt.truncate("1d"), None
    weekdays = set(written.drop_nulls().dt.weekday().unique())
    if _SUNDAY in weekdays and _FRIDAY not in weekdays:
        raise BadInput(
            f"the days in `{stamps.heading}` would run from Sunday to Thursday: its stamps are "
            "instants of a zone east of UTC",
            hint="name the zone under `data`, as `timezone: Asia/Shanghai`",
        )
    return written, "day_of_instant"


def _last_days(days: pl.Series, stamps: Stamps, clock: Clock) -> tuple[pl.Series, str, bool]:
    """Return the last day of weeks and months; a stamp early in the period is its first day."""
    told = stamps.role != "date"
    if clock.frequency == "week":
        usual = days.drop_nulls().dt.weekday().mode().sort().to_list()
        is_start = stamps.role == "open_time" or (not told and bool({1, 7} & set(usual)))
        moved = days + timedelta(days=6) if is_start else days
        return moved, "the week's last day, " if is_start else "days, ", not told
    if clock.frequency == "month":
        middle = days.dt.day().quantile(0.5) or 0.0
        is_start = stamps.role == "open_time" or (not told and middle <= 15)
        moved = days.dt.month_end() if is_start else days
        return moved, "the month's last day, " if is_start else "days, ", not told
    return days, "days, ", False
