"""Times as a reader meets them: in the zone of the data, by the day or to the minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from taskspecs.frequencies import FREQUENCIES, MINUTES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DAILY = frozenset(FREQUENCIES) - frozenset(MINUTES)
"""Frequencies whose bars are named by their date alone."""

LENGTHS = {str(name): bars.length for name, bars in FREQUENCIES.items()}


@dataclass(frozen=True, slots=True)
class Clock:
    """How times are shown.

    Attributes
    ----------
    zone
        IANA name of the zone.
    frequency
        Distance between bars; a day or more is shown without the hour.
    """

    zone: str
    frequency: str = "day"

    @property
    def daily(self) -> bool:
        """Whether a date says everything."""
        return self.frequency in DAILY

    @property
    def length(self) -> str:
        """How long a bar lasts, in words."""
        return LENGTHS.get(self.frequency, self.frequency)

    @property
    def hover_format(self) -> str:
        """The d3 format of a time under the pointer."""
        return "%a %-d %b %Y" if self.daily else "%a %-d %b %Y, %H:%M"

    def local(self, ts: pl.Series) -> pl.Series:
        """Return wall-clock times of the zone, without a zone; dates at midnight if daily."""
        naive = ts.dt.convert_time_zone(self.zone).dt.replace_time_zone(None)
        return naive.dt.truncate("1d") if self.daily else naive

    def axis(self, ts: pl.Series) -> NDArray[np.float64]:
        """Return milliseconds for an axis of dates; the axis shows them as they are."""
        return self.local(ts).dt.epoch("ms").cast(pl.Float64).to_numpy()

    def say(self, ts: datetime) -> str:
        """Say a time in words.

        Examples
        --------
        >>> from datetime import UTC
        >>> Clock("America/New_York").say(datetime(2008, 9, 15, 20, tzinfo=UTC))
        '15 Sep 2008'
        >>> Clock("UTC", "1min").say(datetime(2022, 1, 3, 9, 5, tzinfo=UTC))
        '3 Jan 2022, 09:05'
        """
        there = _aware(ts).astimezone(ZoneInfo(self.zone))
        return say_day(there.date()) + ("" if self.daily else f", {there:%H:%M}")


def say_day(day: date) -> str:
    """Say a date in words, in English whatever the machine's locale.

    Examples
    --------
    >>> say_day(date(2013, 3, 1))
    '1 Mar 2013'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _aware(ts: datetime) -> datetime:
    return ts if ts.tzinfo else ts.replace(tzinfo=UTC)
