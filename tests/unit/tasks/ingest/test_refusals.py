"""Files that are not bars: refused, with what is wrong, where, and what would help."""

# ruff: noqa: DTZ001 - local times carry no zone
from __future__ import annotations

import gzip
import io
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from configs.errors import BadInput

GOOD = "date,symbol,close\n2020-01-02,AAPL,1\n2020-01-03,AAPL,2\n"


def parquet(frame):
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


PARQUET = parquet(
    pl.DataFrame({"date": [datetime(2020, 1, 2)] * 500, "close": [float(i) for i in range(500)]})
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"date,close\n", "no rows"),
        (b"PK\x03\x04rest", "damaged Excel or zip file"),
        (b"\x89PNG\x00\xff\x00", "is a picture"),
        (b"\x01\x02\x00\xff\x00\x07\x00\x00\x00", "neither text nor Parquet"),
        (gzip.compress(GOOD.encode(), mtime=0)[:-9], "damaged gzip"),
        (PARQUET[:-40], "damaged Parquet"),
        (PARQUET[:20], "damaged Parquet"),
        (parquet(pl.DataFrame({"date": [], "close": []})), "no rows"),
        (b'date,close\n2020-01-02,"1\n', "no well-formed CSV"),
        (b"just a line\nand another\n", "could be the close"),
        (GOOD + "2020-01-06,../../etc,3\n", "cannot be a symbol"),
        (GOOD + "2020-01-06,.hidden,3\n", "cannot be a symbol"),
        ("date,close\n2020-01-02,dear\n", "holds no number"),
        ("date,close\n2020-01-02,0\n2020-01-03,\n", r"(?s)no row .* 1 by missing_close"),
        ("date,symbol,close\n,A,1\n", "has both a time and a symbol"),
        ("date,close\n" + "2020-01-02,1\n2020-01-02,2\n2020-01-02,3\n", "several rows for most"),
    ],
)
def test_what_is_no_table_of_bars(ingest, content, message):
    with pytest.raises(BadInput, match=message):
        ingest(content)


def test_line_with_too_many_cells_is_located(ingest):
    with pytest.raises(BadInput, match="4 cells in a line, but 3 headings") as caught:
        ingest(GOOD + "2020-01-06,AAPL,1,5\n", name="prices.csv")
    assert (caught.value.place.file, caught.value.place.line) == ("prices.csv", 4)


def test_text_called_parquet(ingest):
    with pytest.raises(BadInput, match="is no Parquet file"):
        ingest(GOOD, name="bars.parquet")


def test_damaged_pages_never_crash(ingest):
    for at in range(4, len(PARQUET) - 8, 37):
        broken = bytearray(PARQUET)
        broken[at] ^= 0xFF
        try:
            ingest(bytes(broken), name="bars.parquet")
        except BadInput:
            continue


def test_unknown_symbol_names_near_matches(ingest):
    with pytest.raises(BadInput, match=r"(?s)`APPL` is not in .*did you mean 'AAPL'"):
        ingest(GOOD, symbols=("APPL",))


def test_period_without_data_says_which_there_is(ingest):
    with pytest.raises(BadInput, match="bars from 2020-01-02 to 2020-01-03"):
        ingest(GOOD, start=date(2021, 1, 1))


@pytest.mark.parametrize(
    ("frequency", "step", "found"),
    [
        ("day", timedelta(minutes=1), "1min bars"),
        ("1min", timedelta(days=1), "day bars"),
        ("day", timedelta(days=7), "week bars"),
        ("1min", timedelta(seconds=10), "bars 0:00:10 apart"),
    ],
)
def test_frequency_is_checked(ingest, frequency, step, found):
    start = datetime(2020, 1, 2)
    frame = pl.DataFrame({"date": [start + step * i for i in range(9)], "close": [1.0] * 9})
    with pytest.raises(
        BadInput, match=f"holds {found}, but the spec says `frequency: {frequency}`"
    ):
        ingest(frame, frequency=frequency)


def test_a_rarely_traded_symbol_is_still_daily(ingest):
    start = datetime(2020, 1, 2)
    frame = pl.DataFrame(
        {"date": [start + timedelta(days=2 * i) for i in range(9)], "close": [1.0] * 9}
    )
    assert ingest(frame).bars.height == 9


def test_no_frequency_that_is_known(ingest):
    stamps = [datetime(2020, 1, 2) + timedelta(minutes=7 * i) for i in range(9)]
    with pytest.raises(BadInput, match="are 0:07:00 apart"):
        ingest(pl.DataFrame({"date": stamps, "close": [1.0] * 9}), look=True)
