"""When to decide: the first bar at which a period is known to be over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from taskspecs.frequencies import FREQUENCIES

if TYPE_CHECKING:
    from taskspecs.frequencies import Frequency

PERIODS = {name: bars.polars for name, bars in FREQUENCIES.items()}
"""Each frequency as Polars writes it; weeks begin on Monday."""

_TICK = pl.duration(microseconds=1)
_SLACK = pl.duration(seconds=1)


def decision_times(ts: pl.Series, every: Frequency, *, zone: str) -> pl.Series:
    """Return the times at which a decision is made, once a period.

    A period of the calendar (an hour, a week, in the data's zone) is known to be over at the bar
    that ends with it, as 11:00 ends an hour of minutes; such a bar is its decision time. Otherwise
    only the first bar of a later period shows that no more will come, since no one can tell from
    a Friday's bar whether Saturday has one; then that bar is the decision time, with all that is
    known at it. So weekly decisions on shares are made at the week's first close. The first bar of
    the data ends no period but its own, and an unfinished last period has no decision.

    Parameters
    ----------
    ts
        Datetime in UTC, ends of bars of all symbols, in any order, with repeats. A bar that ends
        at a boundary belongs to the period that it ends; up to a second before counts as at it,
        for days that end at 23:59:59.
    every
        The period.
    zone
        IANA name of the zone in which periods begin and end.

    Returns
    -------
    polars.Series
        A sorted subset of `ts`, unique.

    Notes
    -----
    Look-ahead: whether `t` is chosen depends on the times up to `t`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> first, last = datetime(2024, 1, 3, 21, tzinfo=UTC), datetime(2024, 1, 17, 21, tzinfo=UTC)
    >>> days = pl.datetime_range(first, last, "1d", eager=True)
    >>> shares = days.filter(days.dt.weekday() < 6)
    >>> decision_times(shares, "week", zone="America/New_York").dt.strftime("%a %d").to_list()
    ['Mon 08', 'Mon 15']
    """
    length = PERIODS[every]
    local = pl.col("ts").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    begins = (local - _TICK).dt.truncate(length)
    bars = pl.DataFrame({"ts": ts.unique().sort()}).with_columns(
        period=begins, ends_period=local >= begins.dt.offset_by(length) - _SLACK
    )
    later = pl.col("period") != pl.col("period").shift(1)
    already = pl.col("ends_period").shift(1)
    return bars.filter(pl.col("ends_period") | (later & ~already))["ts"]
