"""One small file for each rule: what it finds, what it does, how it counts."""

# ruff: noqa: DTZ001 - local times carry no zone
from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tasks.ingest.rules import RULES

HEAD = "date,symbol,open,high,low,close,volume\n"
GOOD = "2020-01-02,A,10,11,9,10,100\n"


def row(day, cells, symbol="A"):
    return f"2020-01-{day:02},{symbol},{cells}\n"


def test_a_clean_file_has_no_findings(ingest, counts):
    read = ingest(HEAD + GOOD + row(3, "10,12,9,11,100"))
    assert counts(read) == {"rows_read": 2, "column_names": 7, "rows_delivered": 2}
    assert read.bars.row(0, named=True) == {
        "symbol": "A",
        "ts": datetime(2020, 1, 2, 23, 59, 59, tzinfo=UTC),
        "open": 10.0,
        "high": 11.0,
        "low": 9.0,
        "close": 10.0,
        "volume": 100.0,
        "factor": 1.0,
        "known_at": datetime(2020, 1, 2, 23, 59, 59, tzinfo=UTC),
    }
    assert read.reading["symbol"] == "symbol"


def test_rules_that_found_nothing_are_listed_with_zero(ingest):
    health = ingest(HEAD + GOOD).health
    named = health["rule"].to_list()
    assert named == [r.name for r in RULES if r.name in named]
    assert {r.name for r in RULES if r.action != "guessed"} <= set(named)


@pytest.mark.parametrize(
    ("rule", "rows", "count", "delivered"),
    [
        ("no_time", [",A,1,1,1,1,1\n"], 1, 1),
        ("no_symbol", ["2020-01-03,,1,1,1,1,1\n"], 1, 1),
        ("exact_duplicate", [GOOD, GOOD], 2, 1),
        ("conflicting_duplicate", [row(2, "10,11,9,10.5,100")], 1, 1),
        ("missing_close", [row(3, "10,11,9,,100")], 1, 1),
        ("nonpositive_close", [row(3, "10,11,9,0,100"), row(6, "10,11,9,-1,1")], 2, 1),
        ("nonpositive_price", [row(3, "0,11,-9,10,100")], 2, 2),
        ("missing_price", [row(3, ",,,10,100"), row(6, "10,,9,10,1")], 4, 3),
        ("ohlc_violation", [row(3, "12,11,9,10,100"), row(6, "10,11,9,8,100")], 2, 3),
        ("absurd_number", [row(3, "10,inf,9,10,1e300"), row(6, "1e-300,11,9,10,1")], 3, 3),
        ("unreadable_number", [row(3, "10,high,9,10,many")], 2, 2),
        ("negative_volume", [row(3, "10,11,9,10,-5")], 1, 2),
        ("no_volume", [row(3, "10,11,9,10,0"), row(6, "10,11,9,10,")], 2, 3),
        ("suspended", [row(3, "10,10,10,10,0"), row(6, "10,10,10,10,")], 2, 3),
        ("unsorted", [row(6, "10,11,9,10,1"), row(3, "10,11,9,10,1")], 1, 3),
        ("large_move", [row(3, "10,15,9,14.1,100")], 1, 2),
        ("glitch", [row(3, "10,15,9,12,100"), row(6, "10,11,9,10,100")], 1, 3),
    ],
)
def test_rule(ingest, counts, rule, rows, count, delivered):  # noqa: PLR0917
    found = counts(ingest(HEAD + GOOD + "".join(rows)))
    assert found[rule] == count
    assert found["rows_delivered"] == delivered


def test_examples_name_symbol_day_and_values(ingest):
    health = ingest(HEAD + GOOD + row(3, "12,11,9,10,100")).health
    example = health.filter(pl.col("rule") == "ohlc_violation")["example"][0]
    assert example == "A 2020-01-03: open 12, high 11, low 9, close 10"


def test_high_and_low_are_widened_over_what_is_there(ingest):
    bars = ingest(HEAD + row(2, "12,11,9,8,100") + row(3, ",9,,10,100")).bars
    assert bars.select("open", "high", "low", "close").rows() == [
        (12.0, 12.0, 8.0, 8.0),
        (None, 10.0, None, 10.0),
    ]


def test_of_contradicting_rows_the_last_in_the_file_is_kept(ingest):
    text = HEAD + GOOD + row(2, "10,11,9,10.5,100") + GOOD
    assert ingest(text).bars["close"].to_list() == [10.0]


def test_of_revisions_the_first_known_is_kept(ingest, counts):
    text = (
        "date,close,known_at\n2020-01-02,10,2020-01-05\n2020-01-02,11,2020-01-03\n"
        "2020-01-02,12,2020-01-09\n"
    )
    read = ingest(text)
    assert counts(read)["revision"] == 2
    assert read.bars.select("close", "known_at").row(0) == (
        11.0,
        datetime(2020, 1, 3, 23, 59, 59, tzinfo=UTC),
    )


def test_nothing_is_known_before_its_end(ingest, counts):
    text = (
        "date,close,known_at\n2020-01-02,10,2020-01-01\n2020-01-03,10,\n2020-01-06,1,2020-01-07\n"
    )
    read = ingest(text)
    assert counts(read)["known_before_end"] == 1
    assert (read.bars["known_at"] - read.bars["ts"]).to_list() == [
        timedelta(0),
        timedelta(0),
        timedelta(days=1),
    ]


def test_suspended_bars_stay_but_are_empty(ingest):
    last = ingest(HEAD + GOOD + row(3, "10,10,10,10,0")).bars.row(1, named=True)
    assert [last[name] for name in ("open", "high", "low", "close", "volume")] == [None] * 5
    assert last["factor"] == 1.0


def test_without_any_volume_nothing_counts_as_suspended(ingest, counts):
    read = ingest(HEAD + row(2, "10,10,10,10,0") + row(3, "10,10,10,10,0"))
    assert not {"suspended", "no_volume"} & counts(read).keys()
    assert read.bars["close"].to_list() == [10.0, 10.0]


def test_gaps_are_counted_within_each_symbols_life(ingest, counts):
    days = {"A": (2, 3, 6, 7), "B": (2, 7), "C": (6, 7), "D": (2, 3)}
    text = HEAD + "".join(row(d, "1,1,1,1,1", s) for s, ds in days.items() for d in ds)
    read = ingest(text)
    assert counts(read)["gap"] == 2
    assert read.health.filter(pl.col("rule") == "gap")["example"][0] == "B lacks 2 of 4"


def test_holes_in_a_minute_file_are_counted(ingest, counts):
    start = datetime(2020, 1, 2, 9, 30)
    stamps = [start + timedelta(minutes=m) for m in (0, 1, 2, 3, 10, 11, 180)]
    frame = pl.DataFrame({"open_time": stamps, "close": [1.0] * 7})
    read = ingest(frame, frequency="1min")
    assert counts(read)["hole"] == 2
    longest = read.health.filter(pl.col("rule") == "hole")["example"][0]
    assert longest.startswith("2:49:00")


@pytest.mark.parametrize(("last_of_b", "count"), [(730, 2), (700, 0)])
def test_survivorship(ingest, counts, last_of_b, count):
    start = datetime(2018, 1, 1)
    spans = {"A": 731, "B": last_of_b + 1}
    frame = pl.concat(
        pl.DataFrame(
            {"symbol": [s] * n, "date": [start + timedelta(days=i) for i in range(n)]}
        ).with_columns(close=1.0)
        for s, n in spans.items()
    )
    assert counts(ingest(frame)).get("survivorship", 0) == count


def test_period_and_symbols_are_counted_out(ingest, counts):
    text = HEAD + "".join(row(d, "1,1,1,1,1", s) for s in "AB" for d in (2, 3, 6, 7))
    read = ingest(
        text,
        symbols=("A",),
        start=datetime(2020, 1, 3).date(),
        end=datetime(2020, 1, 6).date(),
    )
    found = counts(read)
    assert (found["other_symbols"], found["outside_period"], found["rows_delivered"]) == (4, 2, 2)


def test_symbol_comes_from_the_original_name(ingest, counts):
    read = ingest("date,close\n2020-01-02,1\n", name="btc perp.csv.gz")
    assert read.bars["symbol"].to_list() == ["btc_perp"]
    assert counts(read)["symbol_from_file_name"] == 1


def test_numbers_are_no_symbols_less(ingest):
    frame = pl.DataFrame({"code": [600000, 1], "date": ["2020-01-02"] * 2, "close": [1.0, 2.0]})
    assert ingest(frame).bars["symbol"].to_list() == ["1", "600000"]
    text = "code,date,close\n000001,2020-01-02,1\n"
    assert ingest(text).bars["symbol"].to_list() == ["000001"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headings_in_all_their_encodings(ingest, counts, encoding):
    text = (
        "交易日期,股票代码,股票名称,开盘价,最高价,最低价,收盘价,成交量,成交额\n"
        "20200102,600000.SH,浦发银行,12.47,12.64,12.45,12.47,516290,645000\n"
        "20200103,600000.SH,浦发银行,12.57,12.63,12.47,12.60,380188,477000\n"
    )
    read = ingest(text.encode(encoding), timezone="Asia/Shanghai", session_close="15:00")
    assert read.bars["ts"][0] == datetime(2020, 1, 2, 7, tzinfo=UTC)
    # 645,000 thousands of yuan are 12.47 yuan times 516,290 lots of 100 shares.
    assert read.bars["amount"].to_list() == [645e6, 477e6]
    assert read.bars["volume"].to_list() == [51_629_000.0, 38_018_800.0]
    assert (counts(read)["unused_columns"], counts(read)["units"]) == (1, 2)


def test_decimal_commas_between_semicolons(ingest, counts):
    read = ingest("date;close;volume\n2020-01-02;1.234,5;1000\n2020-01-03;99,25;1000\n")
    assert read.bars["close"].to_list() == [1234.5, 99.25]
    assert counts(read)["decimal_comma"] == 2


def test_thousands_currencies_and_multiples(ingest):
    text = 'Date,Price,Vol.\n"Jan 02, 2020","$1,234.5",1.2M\n"Jan 03, 2020",1300,-\n'
    assert ingest(text).bars.select("close", "volume").rows() == [(1234.5, 1.2e6), (1300.0, None)]


def test_gzipped_text(ingest):
    assert ingest(gzip.compress((HEAD + GOOD).encode())).bars.height == 1


def test_inspection_finds_the_frequency(ingest, counts):
    start = datetime(2020, 1, 2, 9, 30)
    stamps = [start + timedelta(minutes=5 * m) for m in range(5)]
    read = ingest(pl.DataFrame({"open_time": stamps, "close": [1.0] * 5}), look=True)
    assert (read.found.frequency, read.found.rows, read.found.symbols) == ("5min", 5, 1)
    assert counts(read)["frequency"] == 5
    assert read.found.first == datetime(2020, 1, 2, 9, 35, tzinfo=UTC)


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64, pl.Decimal(10, 2), pl.Int64])
def test_any_type_of_number_becomes_float64(ingest, dtype):
    frame = pl.DataFrame({"date": ["2020-01-02"], "close": [10]}).cast({"close": dtype})
    assert ingest(frame).bars.schema["close"] == pl.Float64
