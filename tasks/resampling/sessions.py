"""Periods by an exchange's sessions, as the kept library `exchange-calendars` knows them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from configs.errors import BadInput, did_you_mean, in_spec
from taskspecs.frequencies import MINUTES

if TYPE_CHECKING:
    from datetime import date

    from taskspecs.frequencies import Frequency

_UTC: Final = pl.Datetime("us", "UTC")
_MARGIN: Final = timedelta(days=40)
_PERIODS: Final = {"day": "1d", "week": "1w", "month": "1mo"}


class Exchange:
    """The sessions of an exchange around some days.

    Parameters
    ----------
    name
        As `XNYS`, `XSHG`, `24/7`; also the library's aliases, as `NYSE`.
    first, last
        Local days that must be covered.

    Raises
    ------
    BadInput
        No such calendar, or it does not reach that far.

    Notes
    -----
    Look-ahead: closures that were not part of the rule (a storm, mourning) count as days on which a
    session could have been, so that no week or month is taken for over before anyone knew it was.
    Where a library lists all of an exchange's holidays so, its weeks merely end later.
    """

    def __init__(self, name: str, first: date, last: date) -> None:
        import exchange_calendars as known

        try:
            self._calendar: Any = known.get_calendar(
                name, start=(first - _MARGIN).isoformat(), end=(last + _MARGIN).isoformat()
            )
        except known.errors.InvalidCalendarName:
            raise BadInput(
                f"there is no exchange calendar `{name}`",
                place=in_spec("aggregation.calendar"),
                hint=did_you_mean(name, known.get_calendar_names()),
            ) from None
        except (known.errors.CalendarError, ValueError) as error:
            raise BadInput(
                f"the exchange calendar `{name}` does not cover {first} to {last}: {error}",
                place=in_spec("aggregation.calendar"),
                hint="leave it out, or study a period that it covers",
            ) from error
        self._span = first - _MARGIN, last + _MARGIN

    def sessions(self) -> pl.DataFrame:
        """Return `day, start, end` of each session, in order; breaks are inside."""
        schedule = self._calendar.schedule
        return pl.DataFrame(
            {
                "day": _instants(schedule.index).cast(pl.Date),
                "start": _instants(schedule["open"]),
                "end": _instants(schedule["close"]),
            }
        )

    def slices(self, every: Frequency) -> pl.DataFrame:
        """Return `start, end` of the bars of all sessions, from each open or end of a break on.

        The last bar before a break or a close is as long as there is time.
        """
        sessions = self._calendar.sessions
        index = self._calendar.trading_index(
            sessions[0], sessions[-1], f"{MINUTES[every]}min", intervals=True, closed="left",
            force_close=True, force_break_close=True,
        )  # fmt: skip
        return pl.DataFrame({"start": _instants(index.left), "end": _instants(index.right)})

    def last_days(self, every: Frequency) -> pl.DataFrame:
        """Return `day, last_day`: each session, and the last day of its period with a session."""
        expected = pl.concat([self.sessions()["day"], self._closures()]).unique().sort().to_frame()
        return expected.with_columns(
            last_day=pl.col("day").max().over(pl.col("day").dt.truncate(_PERIODS[every]))
        )

    def closes(self, days: pl.DataFrame) -> pl.DataFrame:
        """Add `close`, the instant at which trading of `last_day` ends, would it take place."""
        usual = self._calendar.close_times[-1][1]
        wall = (
            pl.col("last_day").cast(pl.Datetime("us"))
            + pl.duration(
                days=self._calendar.close_offset, hours=usual.hour, minutes=usual.minute
            )
        )  # fmt: skip
        usually = wall.dt.replace_time_zone(str(self._calendar.tz)).dt.convert_time_zone("UTC")
        actual = self.sessions().select(last_day="day", close="end")
        joined = days.join(actual, on="last_day", how="left", maintain_order="left")
        return joined.with_columns(pl.col("close").fill_null(usually))

    def _closures(self) -> pl.Series:
        first, last = self._span
        days = [stamp.date() for stamp in self._calendar.adhoc_holidays]
        opens = self._calendar.weekmask
        inside = [day for day in days if first <= day <= last and opens[day.weekday()] == "1"]
        return pl.Series("day", inside, dtype=pl.Date)


def _instants(times: Any) -> pl.Series:
    """Take times over from pandas."""
    import pandas as pd

    return pl.Series(pd.DatetimeIndex(times).as_unit("us").asi8).cast(_UTC)
