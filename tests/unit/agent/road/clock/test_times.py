"""When a schedule is due, with oracles: Debian's rule for daylight saving, the NYSE's calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.road.clock.agenda import agenda
from agent.road.clock.page import Page
from agent.road.clock.times import due, latest, next_times, times_after
from taskspecs.rerunning import ScheduleSpec, calendars_named


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_time_that_does_not_exist_runs_once_and_one_that_is_twice_runs_once():
    schedule = ScheduleSpec(cron="30 2 * * *", timezone="America/New_York")
    spring = next_times(schedule, utc("2024-03-09T12:00"), 2)
    autumn = next_times(schedule, utc("2024-11-02T12:00"), 2)
    assert [at.date().isoformat() for at in spring] == ["2024-03-10", "2024-03-11"]
    assert [at.date().isoformat() for at in autumn] == ["2024-11-03", "2024-11-04"]


def test_only_days_of_sessions():
    schedule = ScheduleSpec(cron="30 18 * * *", timezone="America/New_York", calendar="XNYS")
    days = next_times(schedule, utc("2024-07-03T12:00"), 3)
    # The fourth of July, a Saturday and a Sunday are left out.
    assert [at.isoformat()[:16] for at in days] == [
        "2024-07-03T22:30", "2024-07-05T22:30", "2024-07-08T22:30",
    ]  # fmt: skip


def test_a_calendar_that_never_agrees_ends():
    schedule = ScheduleSpec(cron="0 12 * * 6", timezone="America/New_York", calendar="XNYS")
    assert next_times(schedule, utc("2024-01-01"), 1) == []


@pytest.mark.parametrize(("catch_up", "hours"), [("all", [1, 2, 3]), ("last", [3]), ("none", [])])
def test_what_is_done_of_missed_times(catch_up, hours):
    schedule = ScheduleSpec(cron="0 * * * *", catch_up=catch_up)
    page = Page(done_until=utc("2024-01-01"))
    asked = agenda(schedule, page, utc("2024-01-01T03:30"))
    assert [at.hour for at in asked.run] == hours
    assert asked.missed == ()


def test_what_is_due_this_minute_is_not_missed():
    schedule = ScheduleSpec(cron="0 * * * *", catch_up="none")
    page = Page(done_until=utc("2024-01-01"))
    assert len(agenda(schedule, page, utc("2024-01-01T03:00:20")).run) == 1


@given(
    st.sampled_from(["0 * * * *", "*/7 9-16 * * 1-5", "30 2 * * *", "0 0 1 * *", "0 6 1 * 1"]),
    st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe"]),
    st.integers(0, 400 * 1440),
    st.integers(0, 60 * 1440),
)
def test_what_is_due_does_not_depend_on_where_one_begins_to_count(cron, zone, begin, length):
    schedule = ScheduleSpec(cron=cron, timezone=zone)
    since = utc("2024-01-01") + timedelta(minutes=begin)
    now = since + timedelta(minutes=length)
    straight = list(takewhile(lambda at: at <= now, times_after(schedule, since)))
    times, more = due(schedule, since, now)
    assert times == straight[-1_000:]
    assert more == (len(straight) > 1_000)
    if straight:
        assert latest(schedule, now) == straight[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"cron": "61 * * * *"},
        {"cron": "* * * * * *"},
        {"cron": "0 0 31 2 *"},
        {"cron": "0 0 * * *", "timezone": "Mars/Olympus"},
        {"cron": "0 0 * * *", "timezone": "../../etc/passwd"},
        {"cron": "0 0 * * *", "calendar": "XNYSE"},
    ],
)
def test_what_is_no_schedule_is_refused(wrong):
    with pytest.raises(ValidationError):
        ScheduleSpec(**wrong)


def test_calendars_are_known_by_name_without_their_library():
    from exchange_calendars import get_calendar_names

    assert calendars_named() == set(get_calendar_names())
