"""Rows that are not bars: of single fields they are put together, of other things refused."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.ingest import inspect
from tasks.ingest.shapes.tidy import find, spread
from taskspecs.schema import DataSpec

DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(40)]
BARS = [(s, day, 10.0 + n + k, 1_000 + n) for k, s in enumerate("AB") for n, day in enumerate(DAYS)]
NAMES = {"plain": ("close", "volume"), "of a terminal": ("PX_LAST", "PX_VOLUME")}


@pytest.fixture
def read(tmp_path):
    def read(frame: pl.DataFrame, ending: str = "csv", **data):
        path = tmp_path / f"bars.{ending}"
        (frame.write_csv if ending == "csv" else frame.write_parquet)(path)
        return inspect(path, DataSpec(source="file", path="x", **data))

    return read


def tidy(names=("close", "volume"), **more) -> pl.DataFrame:
    rows = [
        {"date": day, "ticker": s, "field": name, "value": float(value), **more}
        for s, day, close, volume in BARS
        for name, value in zip(names, (close, volume), strict=True)
    ]
    return pl.DataFrame(rows)


def values(ingested) -> list[tuple[str, float, float]]:
    return list(ingested.bars.select("symbol", "close", "volume").iter_rows())


WANTED = [(s, close, float(volume)) for s, _, close, volume in BARS]


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_row_for_each_field_becomes_a_row_for_each_bar(read, names, ending):
    ingested = read(tidy(names, unit="x"), ending)
    assert values(ingested) == WANTED
    assert "`field` names it" in next(u.value for u in ingested.understood if u.layer == "shape")


def test_rows_in_any_order_give_the_same_bars(read):
    assert values(read(tidy().sample(fraction=1.0, shuffle=True, seed=3))) == WANTED


def test_a_bad_cell_is_named_by_its_line(read):
    frame = tidy().with_columns(pl.col("date").cast(pl.String))
    frame[6, "date"] = frame[7, "date"] = "2024-01-0X"
    with pytest.raises(BadInput, match="2024-01-0X") as refused:
        read(frame)
    assert refused.value.place.line == 8


def test_a_field_that_is_told_twice_is_not_lost():
    frame = tidy().head(2)
    twice = pl.concat([frame, frame.with_columns(pl.col("value") + 1)])
    bars, first = spread(twice, find(twice))
    assert bars["close"].to_list() == [10.0, 11.0]
    assert first.to_list() == [0, 2]


def test_columns_that_are_named_are_taken_as_they_are(read):
    frame = tidy().filter(pl.col("field") == "close")
    named = {"date": "date", "symbol": "ticker", "close": "value"}
    assert read(frame, columns=named).bars["close"].to_list() == [bar[2] for bar in BARS]


@pytest.mark.parametrize("kinds", [2, 3])
def test_rows_of_several_venues_are_no_bars(read, kinds):
    rows = [
        {"symbol": s, "date": day, "exchange": f"X{k}", "close": close + k / 100, "volume": volume}
        for s, day, close, volume in BARS
        for k in range(kinds)
    ]
    with pytest.raises(BadInput, match="several rows that differ, as A 2024-01-01") as refused:
        read(pl.DataFrame(rows))
    assert "columns: {symbol:" in refused.value.hint


def test_some_rows_that_contradict_others_are_dropped_and_counted(read):
    frame = pl.DataFrame(BARS, schema=["symbol", "date", "close", "volume"], orient="row")
    again = frame.head(25).with_columns(pl.col("close") + 1)
    health = read(pl.concat([frame, again])).health
    found = health.filter(pl.col("rule") == "conflicting_duplicate")
    assert found["count"].to_list() == [25]


@pytest.mark.parametrize("kind", [pl.Categorical(), pl.Enum(sorted({str(d) for d in DAYS}))])
def test_dates_that_are_categories_are_dates(read, kind):
    frame = pl.DataFrame(BARS, schema=["sym", "date", "close", "volume"], orient="row")
    categories = frame.with_columns(pl.col("date").cast(pl.String).cast(kind))
    assert values(read(categories, "parquet")) == WANTED
