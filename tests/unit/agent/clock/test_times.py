"""When a schedule is due, with oracles: Debian's rule for daylight saving, the NYSE's calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from agent.clock.lines import crontab, on_calendar
from agent.clock.times import missed, next_times
from configs.errors import BadInput
from taskspecs.rerunning import ScheduleSpec


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
    begin = utc("2024-01-01")
    times = missed(schedule, begin, begin + timedelta(hours=3, minutes=30))
    assert [at.hour for at in times] == hours


def test_what_is_due_this_minute_is_not_missed():
    schedule = ScheduleSpec(cron="0 * * * *", catch_up="none")
    begin = utc("2024-01-01")
    assert len(missed(schedule, begin, begin + timedelta(hours=3, seconds=20))) == 1


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 18 * * 1-5", "Mon..Fri *-*-* 18:30:00 UTC"),
        ("*/15 9-16 * * *", "*-*-* 09..16:00/15:00 UTC"),
        ("0 6 1,15 1-6/2 *", "*-01..06/2-01,15 06:00:00 UTC"),
        ("0 0 * * 0,6", "Sun,Sat *-*-* 00:00:00 UTC"),
    ],
)
def test_systemd_is_told_the_same(cron, expected):
    assert on_calendar(ScheduleSpec(cron=cron)) == expected


@pytest.mark.parametrize("cron", ["0 0 1 * 1", "0 0 L * *", "0 0 * * 1#2"])
def test_what_systemd_cannot_say_is_refused(cron):
    with pytest.raises(BadInput, match="systemd"):
        on_calendar(ScheduleSpec(cron=cron))


def test_percent_signs_survive_crontab():
    assert r"\%" in crontab(ScheduleSpec(cron="0 0 * * *"), "qraft --workspace /a%b")


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
