"""The past times of a backfill; pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from agent.road.clock.times import times_after
from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskspecs.schema import TaskSpec

Every = Literal["day", "week", "month"]
MOST = 5_000
"""More partitions than that were not meant: each is a trial on the ledger."""
_DAY = timedelta(days=1)
_ENDS: dict[str, Callable[[date], bool]] = {
    "day": lambda _: True,
    "week": lambda day: day.isoweekday() == 7,
    "month": lambda day: (day + _DAY).day == 1,
}
"""Whether a day is the last of its period."""


def partitions(spec: TaskSpec, first: date, last: date, *, every: Every | None) -> list[datetime]:
    """Return the as-of times from one day to another, both included, in order, in UTC.

    Parameters
    ----------
    first, last
        In the zone of the schedule or, with `every`, of the data.
    every
        Take the end of each such period; default the times of the spec's schedule.

    Raises
    ------
    BadInput
        If there is no schedule and no `every`, or there are none, or too many.

    Examples
    --------
    >>> from taskspecs.load import parse
    >>> spec = parse("{name: a, signal: {expression: $close}}")
    >>> ends = partitions(spec, date(2012, 1, 1), date(2012, 3, 15), every="month")
    >>> [f"{at:%Y-%m-%d %H:%M}" for at in ends]
    ['2012-02-01 05:00', '2012-03-01 05:00']
    """
    if first > last:
        raise BadInput(f"--from {first} is after --to {last}")
    found = _ends(spec, first, last, every) if every else _scheduled(spec, first, last)
    if not found:
        raise BadInput(
            f"no {every or 'time of the schedule'} ends from {first} to {last}",
            hint="take a longer period, or a shorter --every",
        )
    if len(found) > MOST:
        raise BadInput(
            f"{len(found):,} runs; a backfill makes at most {MOST:,}, for each counts as a trial",
            hint="take a shorter period, or a longer --every",
        )
    return found


def _scheduled(spec: TaskSpec, first: date, last: date) -> list[datetime]:
    if spec.schedule is None:
        raise BadInput(
            f"{spec.name} has no schedule that would say at which times to run it",
            hint="give --every day, week or month",
        )
    zone = ZoneInfo(spec.schedule.timezone)
    begin = _midnight(first, zone) - timedelta(microseconds=1)
    end = _midnight(last + _DAY, zone)
    return list(takewhile(lambda at: at < end, times_after(spec.schedule, begin)))


def _ends(spec: TaskSpec, first: date, last: date, every: Every) -> list[datetime]:
    zone = ZoneInfo(spec.data.zone)
    days = (first + n * _DAY for n in range((last - first).days + 1))
    return [_midnight(day + _DAY, zone) for day in days if _ENDS[every](day)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
