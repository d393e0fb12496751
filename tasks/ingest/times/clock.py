"""A source's clock: its zone, when its days are complete, and how its times are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import polars as pl

from configs.errors import BadInput, in_spec
from tasks.ingest.times.frequency import is_intraday

if TYPE_CHECKING:
    from taskspecs.frequencies import Frequency
    from taskspecs.schema import DataSpec

END_OF_DAY = time(23, 59, 59)
# Clocks jump by an hour at most, except where a whole day was left out (Samoa, 2011).
_JUMPS = (timedelta(hours=1), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Clock:
    """The zone of a source, the local time at which a day's bar is complete, and the frequency."""

    zone: str
    close: time
    frequency: Frequency
    zone_is_given: bool = True

    @classmethod
    def of(cls, data: DataSpec, frequency: Frequency) -> Clock:
        """Return the clock that a spec asks for.

        Raises
        ------
        BadInput
            If the zone is unknown; near matches are named.
        """
        close = time.fromisoformat(data.session_close) if data.session_close else END_OF_DAY
        return cls(known_zone(data.zone), close, frequency, data.timezone is not None)

    def show(self, ts: datetime) -> str:
        """Write a UTC time as the source's own: a day, or a day and a time."""
        local = ts.astimezone(ZoneInfo(self.zone))
        return local.strftime("%Y-%m-%d %H:%M" if is_intraday(self.frequency) else "%Y-%m-%d")


def known_zone(name: str) -> str:
    """Return the zone's name if it is one.

    Raises
    ------
    BadInput
        Otherwise, with near matches.

    Examples
    --------
    >>> known_zone("America/New_York")
    'America/New_York'
    """
    try:
        # Polars, too, must know it; it takes an empty name for none.
        pl.Series([datetime(2000, 1, 1)]).dt.replace_time_zone(name or "?")  # noqa: DTZ001
    except pl.exceptions.ComputeError:
        near = get_close_matches(name, sorted(available_timezones()), n=3)
        meant = f"did you mean {' or '.join(repr(n) for n in near)}? " if near else ""
        raise BadInput(
            f"`{name}` is no known zone",
            place=in_spec("data.timezone"),
            hint=f"{meant}allowed: names of the IANA database, as `America/New_York`, `UTC`",
        ) from None
    return name


@dataclass(frozen=True, slots=True)
class Localised:
    """UTC times of local ones, and which of them the local clock does not settle."""

    utc: pl.Series
    skipped: pl.Series
    repeated: pl.Series


def localise(wall: pl.Series, zone: str, symbol: pl.Series | None = None) -> Localised:
    """Turn local times into UTC.

    Times that daylight saving skips are an hour later. Of times that it repeats, the later is
    meant, except when a symbol has the same local time more than once: then the first in the file
    is the earlier one, or the last where the file's newest rows stand first.

    Parameters
    ----------
    wall
        Datetime("us") without a zone, in file order.
    zone
        IANA name.
    symbol
        Beside `wall`, where symbols share the frame.

    Returns
    -------
    Localised
        `utc`: Datetime("us", "UTC"); `skipped`, `repeated`: Boolean. All as long as `wall`.
    """
    frame = pl.DataFrame({"wall": wall})
    local = pl.col("wall").dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    early = pl.col("wall").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    frame = frame.select("wall", late=local, early=early).with_columns(
        skipped=pl.col("wall").is_not_null() & pl.col("late").is_null(),
        repeated=(pl.col("late") != pl.col("early")).fill_null(value=False),
    )
    if frame["repeated"].any():
        frame = frame.with_columns(late=_settled(frame, symbol))
    if frame["skipped"].any():
        frame = frame.with_columns(late=pl.coalesce("late", *(_later(by, zone) for by in _JUMPS)))
    utc = frame["late"].dt.convert_time_zone("UTC").rename("ts")
    return Localised(utc, frame["skipped"], frame["repeated"])


_SATURDAY, _SUNDAY = 6, 7


def refuse_repeated_hours(rows: pl.DataFrame, clock: Clock, *, file: str) -> None:
    """Refuse local times that stand twice, with different bars, where clocks are put back.

    Without a zone one of the two would be lost as a duplicate.

    Parameters
    ----------
    rows
        `symbol`, `wall`, and values.

    Raises
    ------
    BadInput
        If all such times are in the night to a Sunday, when clocks are put back everywhere.
    """
    if not is_intraday(clock.frequency):
        return
    twice = rows.filter(pl.struct("symbol", "wall").is_duplicated())
    if twice.is_empty():
        return
    values = [name for name in twice.columns if name != "row"]
    twice = twice.unique(values, maintain_order=True)
    twice = twice.filter(pl.struct("symbol", "wall").is_duplicated())
    day, hour = pl.col("wall").dt.weekday(), pl.col("wall").dt.hour()
    put_back = ((day == _SUNDAY) & (hour <= 3)) | ((day == _SATURDAY) & (hour == 23))
    if twice.height and twice.select(put_back.all()).item():
        raise BadInput(
            f"`{file}` has the local time {twice['wall'][0]} twice, as where clocks are put back, "
            "and names no zone",
            place=in_spec("data.timezone"),
            hint="say it under `data`, as `timezone: America/New_York`; no bar is lost then",
        )


def _later(by: timedelta, zone: str) -> pl.Expr:
    moved = pl.col("wall") + by
    return moved.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")


def _settled(frame: pl.DataFrame, symbol: pl.Series | None) -> pl.Series:
    keys = frame.select(
        "wall", symbol=symbol if symbol is not None else pl.lit(0), repeated="repeated"
    )
    step = pl.col("wall").diff()
    falls = ((step < pl.duration()).sum() > (step > pl.duration()).sum()).over("symbol")
    nth = pl.int_range(pl.len()).over("symbol", "wall")
    count = pl.len().over("symbol", "wall")
    earlier = pl.when(falls).then(nth == count - 1).otherwise(nth == 0)
    is_early = keys.select(pl.col("repeated") & (count > 1) & earlier).to_series()
    return frame.select(pl.when(is_early).then("early").otherwise("late").alias("late")).to_series()
