"""The past times at which a backfill runs a study."""

from __future__ import annotations

from datetime import date

import pytest

from agent.road.backfill.partitions import MOST, partitions
from configs.errors import BadInput
from taskspecs.load import parse

SPEC = "name: a\nsignal: {expression: $close}\n"
CLOCK = 'schedule: {cron: "30 18 * * *", timezone: America/New_York, calendar: XNYS}\n'


def shown(spec, first, last, every=None):
    found = partitions(parse(spec), date(*first), date(*last), every=every)
    return [f"{at:%m-%d %H:%M}" for at in found]


def test_the_sessions_of_a_schedule_both_days_included():
    # New Year's Day 2012 was a Sunday, kept on Monday: three sessions.
    assert shown(SPEC + CLOCK, (2012, 1, 1), (2012, 1, 5)) == [
        "01-03 23:30", "01-04 23:30", "01-05 23:30"
    ]  # fmt: skip


def test_ends_of_periods_in_the_zone_of_the_data():
    assert shown(SPEC, (2012, 3, 9), (2012, 3, 11), "day") == [
        "03-10 05:00", "03-11 05:00", "03-12 04:00"
    ]  # fmt: skip
    assert shown(SPEC, (2012, 1, 1), (2012, 1, 14), "week") == ["01-02 05:00", "01-09 05:00"]
    assert shown(SPEC, (2012, 2, 1), (2012, 2, 29), "month") == ["03-01 05:00"]


@pytest.mark.parametrize(
    ("first", "last", "every", "word"),
    [
        ((2012, 1, 2), (2012, 1, 1), "day", "after"),
        ((2012, 1, 1), (2012, 1, 5), None, "schedule"),
        ((2012, 1, 1), (2012, 1, 5), "month", "ends"),
        ((1990, 1, 1), (2012, 1, 1), "day", f"{MOST:,}"),
    ],
)
def test_what_cannot_be_meant_is_said(first, last, every, word):
    with pytest.raises(BadInput, match=word):
        shown(SPEC, first, last, every)
