"""When a schedule is due; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskspecs.rerunning import ScheduleSpec

HORIZON = timedelta(days=2 * 366)
"""A calendar and a cron line that never agree are given up after two years."""
MOST_MISSED = 1_000
"""A machine that was off for longer than that many times catches up with the latest of them."""


def times_after(schedule: ScheduleSpec, after: datetime) -> Iterator[datetime]:
    """Iterate over the times of a schedule later than `after`, in UTC.

    Fields mean local time: where clocks jump forward, a time that does not exist is moved to the
    next that does; where they are set back, a time that exists twice counts once (as cronsim, which
    follows Debian's cron).

    Parameters
    ----------
    after
        With a zone.

    Examples
    --------
    >>> from taskspecs.rerunning import ScheduleSpec
    >>> daily = ScheduleSpec(cron="0 9 * * *", timezone="Europe/Berlin")
    >>> after = datetime(2024, 3, 30, tzinfo=UTC)
    >>> [f"{at:%d %H:%M}" for at in islice(times_after(daily, after), 2)]
    ['30 08:00', '31 07:00']
    """
    from cronsim import CronSim

    zone = ZoneInfo(schedule.timezone)
    last = after + HORIZON
    for local in CronSim(schedule.cron, after.astimezone(zone)):
        moment = local.astimezone(UTC)
        if moment > last:
            return
        if moment > after and _is_session(schedule.calendar, local):
            last = moment + HORIZON
            yield moment


def missed(schedule: ScheduleSpec, since: datetime, now: datetime) -> list[datetime]:
    """Return the times in ``(since, now]`` that are to be run now, in order.

    Examples
    --------
    >>> from taskspecs.rerunning import ScheduleSpec
    >>> hourly = ScheduleSpec(cron="0 * * * *", catch_up="last")
    >>> begin = datetime(2024, 1, 1, tzinfo=UTC)
    >>> [at.hour for at in missed(hourly, begin, begin + timedelta(hours=3))]
    [3]
    """
    times = list(takewhile(lambda at: at <= now, times_after(schedule, since)))[-MOST_MISSED:]
    if schedule.catch_up == "none":
        # What is due this very minute is not missed.
        return [at for at in times[-1:] if now - at < timedelta(minutes=1)]
    return times[-1:] if schedule.catch_up == "last" else times


def next_times(schedule: ScheduleSpec, now: datetime, count: int) -> list[datetime]:
    """Return the next times, fewer if there are not so many."""
    return list(islice(times_after(schedule, now), count))


def _is_session(calendar: str | None, local: datetime) -> bool:
    if calendar is None:
        return True
    opened = _calendar(calendar)
    day = local.date().isoformat()
    if not opened.first_session.date().isoformat() <= day <= opened.last_session.date().isoformat():
        return False
    return bool(opened.is_session(day))


@lru_cache(maxsize=32)
def _calendar(name: str) -> Any:
    from exchange_calendars import get_calendar

    return get_calendar(name)
