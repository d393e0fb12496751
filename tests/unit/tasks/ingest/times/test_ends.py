# ruff: noqa: DTZ001 - local times carry no zone
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.ingest.times.clock import known_zone, localise


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def daily(*days):
    return "date,close\n" + "".join(f"{day},1\n" for day in days)


def minutes(heading, start, count, step=1):
    stamps = [start + timedelta(minutes=step * i) for i in range(count)]
    return f"{heading},close\n" + "".join(f"{stamp},1\n" for stamp in stamps)


def test_session_close_follows_daylight_saving(ingest):
    bars = ingest(
        daily("2020-03-06", "2020-03-09", "2020-10-30", "2020-11-02"),
        timezone="America/New_York",
        session_close="16:00",
    ).bars
    assert bars["ts"].dt.hour().to_list() == [21, 20, 20, 21]


def test_days_are_complete_at_their_end_unless_said(ingest):
    bars = ingest(daily("2020-03-06"), timezone="Asia/Shanghai").bars
    assert bars["ts"][0] == utc(2020, 3, 6, 15, 59, 59)


def test_zoned_midnights_are_days_in_whatever_zone(ingest):
    rows = "date,close\n2020-01-02 00:00:00-05:00,1\n2020-07-02 00:00:00-04:00,1\n"
    bars = ingest(rows).bars
    assert bars["ts"].dt.date().to_list() == [date(2020, 1, 2), date(2020, 7, 2)]


def test_utc_midnights_are_days_also_when_the_zone_is_west(ingest):
    bars = ingest("date,close\n1577923200,1\n1578009600,1\n", timezone="America/New_York").bars
    local = bars["ts"].dt.convert_time_zone("America/New_York").dt.date()
    assert local.to_list() == [date(2020, 1, 2), date(2020, 1, 3)]


def test_instants_are_days_of_the_zone_that_is_given(ingest):
    rows = "date,close\n2020-01-01T16:00:00Z,1\n2020-01-02T16:00:00Z,1\n"
    bars = ingest(rows, timezone="Asia/Shanghai").bars
    assert bars["ts"][0] == utc(2020, 1, 2, 15, 59, 59)


def test_days_that_run_from_sunday_to_thursday_want_a_zone(ingest):
    first = utc(2020, 1, 5, 16)
    rows = [first + timedelta(days=day) for day in (0, 1, 2, 3, 4, 7, 8)]
    with pytest.raises(BadInput, match="Sunday to Thursday"):
        ingest(pl.DataFrame({"date": rows, "close": [1.0] * 7}))


def test_instants_without_a_zone_are_a_guess(ingest, counts):
    rows = "date,close\n2020-01-02T14:30:00Z,1\n2020-01-03T14:30:00Z,1\n"
    assert counts(ingest(rows))["day_of_instant"] == 2


@pytest.mark.parametrize(
    ("heading", "first_end", "is_guessed"),
    [("open_time", 31, False), ("close_time", 30, False), ("timestamp", 31, True)],
)
def test_stamps_of_starts_are_moved_to_the_end(ingest, counts, heading, first_end, is_guessed):
    read = ingest(minutes(heading, datetime(2020, 1, 2, 9, 30), 5), frequency="1min")
    assert read.bars["ts"][0] == utc(2020, 1, 2, 9, first_end)
    assert ("bar_stamp" in counts(read)) == is_guessed


def test_a_session_from_0931_to_1600_is_stamped_at_ends(ingest):
    day = minutes("time", datetime(2020, 1, 2, 9, 31), 390)
    read = ingest(day, frequency="1min")
    assert read.bars["ts"][0] == utc(2020, 1, 2, 9, 31)
    assert "session's hours" in read.reading["ts"]


def test_a_session_from_0930_to_1559_is_stamped_at_starts(ingest):
    day = minutes("time", datetime(2020, 1, 2, 9, 30), 390)
    assert ingest(day, frequency="1min").bars["ts"][-1] == utc(2020, 1, 2, 16)


def test_last_milliseconds_of_a_minute_mean_its_end(ingest):
    text = "close_time,close\n1577923259999,1\n1577923319999,1\n"
    assert ingest(text, frequency="1min").bars["ts"][0] == utc(2020, 1, 2, 0, 1)


def test_weeks_stamped_on_monday_end_on_sunday(ingest):
    bars = ingest(daily("2020-01-06", "2020-01-13"), frequency="week").bars
    assert bars["ts"][0] == utc(2020, 1, 12, 23, 59, 59)


def test_weeks_stamped_on_friday_end_there(ingest):
    bars = ingest(daily("2020-01-10", "2020-01-17"), frequency="week").bars
    assert bars["ts"][0] == utc(2020, 1, 10, 23, 59, 59)


@pytest.mark.parametrize("days", [("2020-01-01", "2020-02-01"), ("2020-01-31", "2020-02-29")])
def test_months_end_on_their_last_day(ingest, days):
    bars = ingest(daily(*days), frequency="month").bars
    assert bars["ts"].dt.date().to_list() == [date(2020, 1, 31), date(2020, 2, 29)]


def test_local_times_that_repeat_are_told_apart_by_their_order():
    wall = pl.Series([datetime(2020, 11, 1, 1, 30)] * 2 + [datetime(2020, 11, 1, 1, 45)])
    read = localise(wall, "America/New_York")
    assert read.utc.to_list() == [
        utc(2020, 11, 1, 5, 30),
        utc(2020, 11, 1, 6, 30),
        utc(2020, 11, 1, 6, 45),
    ]
    assert read.repeated.all()


def test_local_times_that_are_skipped_are_later():
    wall = pl.Series([datetime(2020, 3, 8, 2, 30), datetime(2020, 3, 8, 3, 30)])
    read = localise(wall, "America/New_York")
    assert read.utc.to_list() == [utc(2020, 3, 8, 7, 30), utc(2020, 3, 8, 7, 30)]
    assert read.skipped.to_list() == [True, False]


def test_a_day_that_was_left_out_is_a_day_later():
    read = localise(pl.Series([datetime(2011, 12, 30, 12)]), "Pacific/Apia")
    assert read.utc.to_list() == [utc(2011, 12, 30, 22)]


def test_daylight_saving_is_counted(ingest, counts):
    text = minutes("open_time", datetime(2020, 3, 8, 1, 58), 4)
    found = counts(ingest(text, frequency="1min", timezone="America/New_York"))
    assert found["nonexistent_time"] == 2


@pytest.mark.parametrize("zone", ["America/New_Yrok", "localtime", "Nowhere", ""])
def test_unknown_zones_are_refused(zone):
    with pytest.raises(BadInput, match="no known zone"):
        known_zone(zone)


def test_unknown_zone_names_near_matches():
    with pytest.raises(BadInput, match="did you mean 'America/New_York'"):
        known_zone("America/New_Yrok")
