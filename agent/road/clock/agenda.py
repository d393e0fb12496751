"""What is to be run now, and what was missed; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.road.clock.page import Missed, Page
from agent.road.clock.times import MOST_MISSED, due, latest

if TYPE_CHECKING:
    from datetime import datetime

    from taskspecs.rerunning import ScheduleSpec

A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a study's page asks for at a moment."""

    run: tuple[datetime, ...] = ()
    """In order; the first is the next to be tried."""
    missed: tuple[Missed, ...] = ()
    """What has to be given up."""


def agenda(schedule: ScheduleSpec, page: Page, now: datetime) -> Agenda:
    """Return what is to be run of a study, and what is not any more.

    A time that failed is tried until its next one comes. It is missed then, unless its surroundings
    were the cause and the study asks for each of its times: nothing else can be done before they
    are mended, and then all are done in order.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from taskspecs.rerunning import ScheduleSpec
    >>> hourly = ScheduleSpec(cron="0 * * * *")
    >>> page = Page(done_until=datetime(2024, 1, 1, tzinfo=UTC))
    >>> [at.hour for at in agenda(hourly, page, datetime(2024, 1, 1, 3, 30, tzinfo=UTC)).run]
    [1, 2, 3]
    """
    times, more = due(schedule, page.done_until, now)
    tried = page.trying
    if tried is not None and tried.at in times:
        later = [at for at in times if at > tried.at]
        if not later or (tried.passing and schedule.catch_up == "all"):
            return Agenda((tried.at, *later))
        gone = Missed(at=tried.at, reason=tried.reason, attempts=tried.attempts)
        return Agenda(_caught_up(schedule, later, now), (gone,))
    run = _caught_up(schedule, times, now)
    if more and schedule.catch_up == "all":
        reason = f"more than {MOST_MISSED:,} times were due; the latest of them are made up for"
        return Agenda(run, (Missed(at=times[0] - A_MINUTE, reason=reason),))
    return Agenda(run)


def beginning(schedule: ScheduleSpec, now: datetime) -> datetime:
    """Return up to when all counts as done where nothing is known: the latest time is due.

    So the first firing of the system's own clock runs, and a book that was lost costs at most one
    run too many, which finds everything done.
    """
    last = latest(schedule, now)
    return now if last is None else last - A_MINUTE


def _caught_up(
    schedule: ScheduleSpec, times: list[datetime], now: datetime
) -> tuple[datetime, ...]:
    if schedule.catch_up == "none":
        # What is due this very minute is not missed.
        return tuple(at for at in times[-1:] if now - at < A_MINUTE)
    return tuple(times[-1:] if schedule.catch_up == "last" else times)
