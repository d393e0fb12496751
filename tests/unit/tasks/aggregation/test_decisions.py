from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.aggregation.decisions import PERIODS, decision_times

NEW_YORK = "America/New_York"


def times(*texts: str) -> pl.Series:
    return pl.Series(
        [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in texts],
        dtype=pl.Datetime("us", "UTC"),
    )


def test_a_month_is_decided_at_the_first_close_of_the_next() -> None:
    closes = times("2024-01-30T21:00", "2024-01-31T21:00", "2024-02-01T21:00", "2024-02-02T21:00")
    assert decision_times(closes, "month", zone=NEW_YORK).to_list() == closes[2:3].to_list()


def test_a_week_without_a_monday_is_decided_on_tuesday() -> None:
    closes = times("2024-01-11T21:00", "2024-01-12T21:00", "2024-01-16T21:00", "2024-01-17T21:00")
    assert decision_times(closes, "week", zone=NEW_YORK).to_list() == closes[2:3].to_list()


def test_a_minute_that_ends_the_hour_decides_at_once() -> None:
    minutes = times("2024-01-02T14:59", "2024-01-02T15:00", "2024-01-02T15:01", "2024-01-02T15:02")
    assert decision_times(minutes, "1h", zone="UTC").to_list() == minutes[1:2].to_list()


def test_an_hour_whose_last_minute_is_missing_is_decided_by_the_next_bar() -> None:
    minutes = times("2024-01-02T14:58", "2024-01-02T15:01", "2024-01-02T15:02")
    assert decision_times(minutes, "1h", zone="UTC").to_list() == minutes[1:2].to_list()


def test_days_that_end_a_second_before_midnight_end_their_week() -> None:
    days = times("2024-01-06T23:59:59", "2024-01-07T23:59:59", "2024-01-08T23:59:59")
    assert decision_times(days, "week", zone="UTC").to_list() == days[1:2].to_list()


def test_days_are_those_of_the_zone() -> None:
    bars = times("2024-01-02T15:00", "2024-01-02T23:00", "2024-01-03T01:00", "2024-01-03T16:00")
    tokyo = decision_times(bars, "day", zone="Asia/Tokyo").to_list()
    assert tokyo == [bars[0], bars[3]]  # 15:00 UTC is midnight in Tokyo
    assert decision_times(bars, "day", zone="UTC").to_list() == [bars[2]]


def test_an_unfinished_period_is_not_decided() -> None:
    closes = times("2024-01-08T21:00", "2024-01-09T21:00", "2024-01-12T21:00")
    assert decision_times(closes, "week", zone=NEW_YORK).is_empty()


def test_nothing_in_nothing_out() -> None:
    assert decision_times(times(), "week", zone=NEW_YORK).is_empty()


@given(
    minutes=st.lists(st.integers(0, 400 * 24 * 12), min_size=1, max_size=60),
    every=st.sampled_from(sorted(PERIODS)),
    zone=st.sampled_from(["UTC", NEW_YORK, "America/Sao_Paulo", "Asia/Kolkata", "Europe/London"]),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_later_bars_never_change_earlier_decisions(
    minutes: list[int], every: str, zone: str, data: st.DataObject
) -> None:
    start = datetime(2018, 2, 1, tzinfo=UTC)  # Sao Paulo skipped midnights until 2018
    ts = pl.Series(
        [start + timedelta(minutes=5 * m) for m in minutes], dtype=pl.Datetime("us", "UTC")
    )
    cut = data.draw(st.sampled_from(sorted(ts.to_list())))
    whole = decision_times(ts, every, zone=zone)
    known = decision_times(ts.filter(ts <= cut), every, zone=zone)
    assert known.to_list() == whole.filter(whole <= cut).to_list()


@pytest.mark.parametrize(("zone", "days_over"), [(NEW_YORK, 365), ("Europe/London", 366)])
def test_there_is_one_decision_a_day_through_changes_of_the_clock(
    zone: str, days_over: int
) -> None:
    hours = pl.datetime_range(
        datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC), "1h", eager=True
    )
    decided = decision_times(hours, "day", zone=zone)
    days = decided.dt.convert_time_zone(zone).dt.date()
    assert days.n_unique() == len(days) == days_over
