"""When a schedule is due; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskspecs.rerunning import ScheduleSpec

HORIZON = timedelta(days=2 * 366)
"""A calendar and a cron line that never agree are given up after two years."""
MOST_MISSED = 1_000
"""A machine that was off for longer than that many times catches up with the latest of them."""
FIRST_WINDOW = timedelta(hours=12)


def times_after(
    schedule: ScheduleSpec, after: datetime, *, until: datetime | None = None
) -> Iterator[datetime]:
    """Iterate over the times of a schedule later than `after`, in UTC.

    Fields mean local time: where clocks jump forward, a time that does not exist is moved to the
    next that does; where they are set back, a time that exists twice counts once (as cronsim, which
    follows Debian's cron).

    Parameters
    ----------
    after
        With a zone.
    until
        The last moment that is of interest; by then nothing is loaded that was not needed.

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
        if moment > (until or last):
            return
        # The calendar, which is slow to load, is asked of moments that are of interest alone.
        if moment > after and _is_session(schedule.calendar, local):
            last = moment + HORIZON
            yield moment


def due(schedule: ScheduleSpec, since: datetime, now: datetime) -> tuple[list[datetime], bool]:
    """Return the times in ``(since, now]``, in order, and whether there are more before them.

    No more than `MOST_MISSED` of them are looked for, from `now` back, so that a clock that stood
    still for years is no work.

    Examples
    --------
    >>> from taskspecs.rerunning import ScheduleSpec
    >>> hourly = ScheduleSpec(cron="0 * * * *")
    >>> begin = datetime(2024, 1, 1, tzinfo=UTC)
    >>> times, more = due(hourly, begin, begin + timedelta(days=365))
    >>> len(times), more, times[-1] == begin + timedelta(days=365)
    (1000, True, True)
    """
    window = FIRST_WINDOW
    while True:
        begin = max(since, now - window) if window < HORIZON else since
        times = list(times_after(schedule, begin, until=now))
        if begin == since or len(times) > MOST_MISSED:
            return times[-MOST_MISSED:], begin > since or len(times) > MOST_MISSED
        window *= 4


def latest(schedule: ScheduleSpec, now: datetime) -> datetime | None:
    """Return the latest time that is not after `now`; None if there is none in two years."""
    window = FIRST_WINDOW
    while window < HORIZON:
        times = list(times_after(schedule, now - window, until=now))
        if times:
            return times[-1]
        window *= 4
    return next(reversed(list(times_after(schedule, now - HORIZON, until=now))), None)


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
