"""Which coarser bar a finer one belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Self

import polars as pl

from configs.errors import BadInput, in_spec
from tasks.ingest.times.clock import END_OF_DAY, known_zone
from tasks.resampling.sessions import Exchange
from tasks.resampling.wall_clock import at_close, day_ends, length_ends, mark_ends
from taskspecs.frequencies import MINUTES, refuse_finer

if TYPE_CHECKING:
    from datetime import datetime

    from taskspecs.frequencies import Frequency
    from taskspecs.schema import TaskSpec


@dataclass(frozen=True, slots=True)
class Resampling:
    """What bars become, and by which clock.

    Attributes
    ----------
    every
        Distance between the coarser bars.
    frequency
        Distance between the finer ones.
    zone
        IANA name of the zone in which hours, days, weeks and months are counted.
    session_close
        Local time at which a day is over; default the day's end. No bar reaches across it.
    calendar
        An exchange by its name in `exchange-calendars`, as `XNYS`. Then hours are counted from each
        session's open and from the end of its break, and days, weeks and months are over with their
        last session; bars outside sessions belong nowhere.

    Raises
    ------
    BadInput
        Bars that cannot be made of these, or no such zone.
    """

    every: Frequency
    frequency: Frequency
    zone: str = "UTC"
    session_close: time | None = None
    calendar: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        refuse_finer(self.frequency, self.every)
        known_zone(self.zone)

    @classmethod
    def of(cls, spec: TaskSpec) -> Self | None:
        """Return what a study asks for; None where it works on the bars of its source."""
        if spec.aggregation.bars is None:
            return None
        close = spec.data.session_close
        return cls(
            every=spec.aggregation.bars,
            frequency=spec.data.frequency,
            zone=spec.data.zone,
            session_close=time.fromisoformat(close) if close else None,
            calendar=spec.aggregation.calendar,
        )

    def ends(self, ts: pl.Series) -> pl.Series:
        """Return the end of the bar that each time belongs to.

        Parameters
        ----------
        ts
            Datetime us UTC, ends of finer bars, in any order. One that ends with a coarser bar
            belongs to it.

        Returns
        -------
        polars.Series
            Datetime us UTC, beside `ts`, none earlier; null outside all sessions.

        Notes
        -----
        Look-ahead: an end depends on its own time and on the calendar, never on other rows.
        """
        times = ts.rename("ts").unique().drop_nulls().sort().to_frame()
        if times.is_empty():
            return ts.clear().extend_constant(None, ts.len()) if ts.len() else ts
        found = times.with_columns(end=self._of_sorted(times["ts"]))
        return ts.rename("ts").to_frame().join(
            found, on="ts", how="left", maintain_order="left"
        )["end"]  # fmt: skip

    def _of_sorted(self, ts: pl.Series) -> pl.Series:
        local = ts.dt.convert_time_zone(self.zone).dt.date()
        first, last = local[0], local[-1]
        if self.calendar is not None:
            exchange = Exchange(self.calendar, first, last)
            return self._by_day(local, exchange) if self._daily else self._by_session(ts, exchange)
        close = self.session_close or (END_OF_DAY if self._daily else None)
        if self.every not in MINUTES:
            return _next(ts, day_ends(first, last, self.every, self.zone, close))
        marks = mark_ends(ts, self.every, self.zone)
        if close is None:
            return marks
        closes = _next(ts, day_ends(first, last, "day", self.zone, close))
        return pl.select(pl.min_horizontal(marks, closes)).to_series()

    @property
    def _daily(self) -> bool:
        return self.frequency not in MINUTES

    def _by_session(self, ts: pl.Series, exchange: Exchange) -> pl.Series:
        if self.every in MINUTES:
            return _within(ts, exchange.slices(self.every))
        sessions = exchange.sessions()
        if self.every == "day":
            return _within(ts, sessions)
        closes = exchange.closes(exchange.last_days(self.every)).select("day", closes="close")
        return _within(ts, sessions.join(closes, on="day", maintain_order="left"), "closes")

    def _by_day(self, local: pl.Series, exchange: Exchange) -> pl.Series:
        days = local.rename("day").to_frame()
        last = days.join(
            exchange.last_days(self.every), on="day", how="left", maintain_order="left"
        )["last_day"]  # fmt: skip
        return at_close(last, self.zone, self.session_close or END_OF_DAY)


@dataclass(frozen=True, slots=True)
class Marks:
    """Bars of any length below a day, by the local clock alone: what live sources are cut into.

    Attributes
    ----------
    seconds
        Length of a bar.
    zone
        IANA name of the zone in which hours are counted.
    """

    seconds: int
    zone: str = "UTC"
    calendar: None = None

    def ends(self, ts: pl.Series) -> pl.Series:
        """Return the end of the bar that each time belongs to; see :meth:`Resampling.ends`."""
        return length_ends(ts, self.seconds, self.zone)


def _next(ts: pl.Series, ends: pl.Series) -> pl.Series:
    """Return the first of some rising instants at or after each of some rising times."""
    return ends.gather(ends.search_sorted(ts, side="left"))


def _within(ts: pl.Series, spans: pl.DataFrame, label: str = "end") -> pl.Series:
    """Return the label of the span that each time is in; a span's start is not inside."""
    places = spans["end"].search_sorted(ts, side="left")
    padded = spans.select("start", label).vstack(
        pl.DataFrame({"start": [None], label: [None]}, schema=spans.select("start", label).schema)
    )
    found = padded[places].rename({label: "label"}).with_columns(ts=ts)
    return found.select(pl.when(pl.col("start") < pl.col("ts")).then("label")).to_series()


def refuse_unfinished(resampling: Resampling, first: datetime, last: datetime) -> None:
    """Refuse to make bars of which none would be over when the data ends.

    Parameters
    ----------
    first, last
        The ends of the first and the last bar of the source, UTC.

    Raises
    ------
    BadInput
        At ``aggregation.bars``; and a calendar that is not there, or does not reach as far.
    """
    ends = resampling.ends(pl.Series([first, last]).cast(pl.Datetime("us", "UTC")))
    if ends[0] is not None and ends[0] > last:
        raise BadInput(
            f"no bar of {resampling.every} is over within the data, {first} to {last}",
            place=in_spec("aggregation.bars"),
            hint="take shorter bars, or more data",
        )
