"""How many bars make a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from taskspecs.frequencies import Frequency

DAYS_A_YEAR = {5: 252, 6: 313, 7: 365}
"""Trading days a year by days a week: exchanges; currencies; what never closes."""

DAYS_OF_WEEK, LAST_WORKDAY = 7, 5

FIXED = {"week": 52.0, "month": 12.0}


class Year(NamedTuple):
    """The bars of a year, and the rule that counted them."""

    bars: float
    rule: str


def bars_a_year(ts: pl.Series, frequency: Frequency, zone: str) -> Year:
    """Count the bars of a year.

    Weeks: 52; months: 12. Days: 252, or 365 for what trades at weekends (313 for six days a
    week): a weekday counts when it occurs at least half as often as the most frequent one; of less
    than a week, Monday to Friday count in any case, a day of the weekend if it occurs.
    Shorter bars: the median number of bars in a day times the days of a year.

    Parameters
    ----------
    ts
        Datetime us UTC, the ends of bars in order.
    frequency
        Distance between bars.
    zone
        The zone in which days are counted.

    Returns
    -------
    Year
        Number and rule.

    Notes
    -----
    Look-ahead: looks at all times; a unit of figures, and of no decision.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> bars_a_year(pl.Series([datetime(2024, 1, 2, 21, tzinfo=UTC)]), "day", "UTC").bars
    252.0
    >>> minutes = pl.datetime_range(
    ...     datetime(2024, 1, 5), datetime(2024, 1, 8), "1m", time_zone="UTC", eager=True
    ... )
    >>> bars_a_year(minutes, "1min", "UTC").rule
    '1440 bars a day (median), 365 days a year'
    """
    if frequency in FIXED:
        return Year(FIXED[frequency], f"{FIXED[frequency]:.0f} {frequency}s a year")
    day = ts.dt.convert_time_zone(zone).dt.date().alias("day")
    counts = day.to_frame().group_by("day").len("bars").sort("day")
    days = DAYS_A_YEAR[max(_days_a_week(counts["day"]), 5)]
    if frequency == "day":
        return Year(float(days), f"{days} days a year")
    median = float(counts.select(pl.col("bars").median()).item())
    return Year(median * days, f"{median:g} bars a day (median), {days} days a year")


def _days_a_week(day: pl.Series) -> int:
    """Count the weekdays on which there are bars, by the days that have some."""
    weekday = day.dt.weekday()
    if len(pl.date_range(day[0], day[-1], eager=True)) < DAYS_OF_WEEK:
        return LAST_WORKDAY + int((weekday.unique() > LAST_WORKDAY).sum())
    found = weekday.value_counts(name="days")["days"]
    return int((found * 2 >= found.max()).sum())
