# ruff: noqa: DTZ001 - local times carry no zone
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.ingest.times import epochs
from tasks.ingest.times import texts as timetexts

DAY = datetime(2020, 1, 31)
MORNING = datetime(2020, 1, 31, 9, 30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-01-31", DAY),
        ("2020/1/31", DAY),
        ("20200131", DAY),
        ("31.01.2020", DAY),
        ("31-Jan-2020", DAY),
        ("Jan 31, 2020", DAY),
        ("2020年01月31日", DAY),
        ("01/31/2020", DAY),
        ("31/01/2020", DAY),
        ("2020-01-31T09:30", MORNING),
        ("2020-01-31 09:30:00.250", MORNING + timedelta(milliseconds=250)),
        ("20200131 09:30:00", MORNING),
        ("01/31/2020 9:30 PM", MORNING + timedelta(hours=12)),
        ("2020年01月31日 9:30:00", MORNING),
    ],
)
def test_written_times(text, expected):
    assert timetexts.read(pl.Series([text])).wall.to_list() == [expected]


@pytest.mark.parametrize(
    "offset", ["+08:00", "+0800", "+08", " GMT+0800", " UTC+8", " GMT+0800 (CST)"]
)
def test_offsets_from_utc_keep_the_wall_clock(offset):
    read = timetexts.read(pl.Series([f"2020-01-31 09:30:00{offset}"]))
    assert (read.wall[0], read.utc[0]) == (MORNING, MORNING - timedelta(hours=8))


@pytest.mark.parametrize("text", ["2020-02-30", "2020-01-31 24:30", "Friday", "0020-01-01x", ""])
def test_what_is_no_time_is_null(text):
    assert timetexts.read(pl.Series([text])).wall.to_list() == [None]


def test_a_number_above_twelve_tells_day_from_month():
    read = timetexts.read(pl.Series(["01/02/2020", "13/02/2020"]))
    assert read.wall.dt.date().to_list() == [date(2020, 2, 1), date(2020, 2, 13)]
    assert read.order_is_guessed
    assert not read.is_ambiguous
    assert timetexts.read(pl.Series(["01/02/2020"])).is_ambiguous
    assert not timetexts.read(pl.Series(["02/02/2020"])).is_ambiguous


@pytest.mark.parametrize(
    ("number", "is_epoch"),
    [
        (20200131093000.0, False),
        (202001310930.0, False),
        (1580463000.0, True),
        (1580463000e3, True),
        (1580463000e6, True),
        (1580463000e9, True),
    ],
)
def test_numbers_are_told_by_their_digits(number, is_epoch):
    read = epochs.read(pl.Series([number]))
    assert (read.wall.to_list(), read.is_epoch) == ([MORNING], is_epoch)


def test_units_may_change_within_a_file():
    read = epochs.read(pl.Series([1580463000e3, 1580463000e6]))
    assert read.wall.to_list() == [MORNING, MORNING]


@pytest.mark.parametrize("number", [20200231.0, 123.0, float("inf"), -1.0, 2e20, 20200131.5])
def test_numbers_that_are_no_time_are_null(number):
    assert epochs.read(pl.Series([number])).wall.to_list() == [None]


TEMPLATE = "date,close\n2020-01-02,1\n2020-01-03,1\n{bad},1\n"


def test_first_unreadable_time_is_located(ingest):
    with pytest.raises(BadInput, match="`soon` cannot be read as a time") as caught:
        ingest(TEMPLATE.format(bad="soon"), name="x.csv")
    assert (caught.value.place.line, caught.value.place.key) == (4, "date")


def test_years_that_no_market_knew_are_refused(ingest):
    with pytest.raises(BadInput, match="0202-01-04"):
        ingest(TEMPLATE.format(bad="0202-01-04"))


def test_ambiguous_dates_are_refused(ingest):
    with pytest.raises(BadInput, match="tells day and month apart"):
        ingest("date,close\n01/02/2020,1\n02/03/2020,1\n")


@pytest.mark.parametrize("clock", ["93000,93100,93200", "09:30,09:31,09:32", "0930,0931,0932"])
def test_date_and_time_in_two_columns(ingest, clock):
    rows = "".join(f"20200131,{time},1\n" for time in clock.split(","))
    bars = ingest("<DATE>,<TIME>,<CLOSE>\n" + rows, frequency="1min").bars
    assert bars["ts"][0] == datetime(2020, 1, 31, 9, 31, tzinfo=UTC)


def test_a_time_column_of_midnights_is_left_alone(ingest):
    bars = ingest("date,time,close\n20200130,000000,1\n20200131,000000,1\n").bars
    assert bars["ts"][1] == datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC)


def test_unreadable_time_of_day_is_located(ingest):
    with pytest.raises(BadInput, match="`noon` cannot be read as a time of day"):
        ingest("date,time,close\n20200131,09:30,1\n20200131,noon,1\n")
