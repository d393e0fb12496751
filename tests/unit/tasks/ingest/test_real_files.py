"""Three real files with known defects, as they are."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from tasks.ingest import inspect, read
from taskspecs.schema import DataSpec


def ingest(path, **keys):
    return read(DataSpec(source="file", path=path.name, **keys), path)


def test_sp500(shared_data, counts):
    read = ingest(
        shared_data("sp500_daily.parquet"), timezone="America/New_York", session_close="16:00"
    )
    assert counts(read) == {
        "rows_read": 619_040,
        "column_names": 7,
        "ohlc_violation": 12,
        "missing_price": 27,
        "no_volume": 4,
        "large_move": 11,
        "glitch": 8,
        "gap": 51,
        "survivorship": 505,
        "rows_delivered": 619_040,
    }
    assert read.reading["symbol"] == "Name"
    glitches = read.health.filter(pl.col("rule") == "glitch")
    assert glitches["symbols"].item() == 8


def test_ashare(shared_data, counts):
    path = shared_data("ashare_daily.parquet")
    read = ingest(path, timezone="Asia/Shanghai", session_close="15:00")
    found = counts(read)
    assert found["suspended"] == found["no_volume"] == 74_139
    assert found["rows_delivered"] == 2_616_000
    assert read.bars["close"].null_count() == 74_139
    assert read.bars.group_by("symbol").agg(pl.col("factor").first())[
        "factor"
    ].unique().to_list() == [1.0]
    raw = pl.read_parquet(path).sort(pl.col("symbol").cast(pl.String), "date")
    traded = raw["close"].cast(pl.Float64) / raw["factor"].cast(pl.Float64)
    first = raw.select(
        pl.col("factor").cast(pl.Float64).first().over(pl.col("symbol").cast(pl.String))
    )["factor"]
    ours = read.bars["close"] / read.bars["factor"]
    assert ((ours / traded - 1).abs().max() or 0) < 1e-12
    volume = raw["volume"].cast(pl.Float64).fill_nan(None) * first
    assert ((read.bars["volume"] / volume - 1).abs().max() or 0) < 1e-12


def test_btc(shared_data, counts):
    read = ingest(shared_data("btc_perp_1m.parquet"), frequency="1min")
    assert counts(read) == {
        "rows_read": 45_031,
        "column_names": 6,
        "symbol_from_file_name": 45_031,
        "bar_stamp": 45_031,
        "rows_delivered": 45_031,
    }
    assert read.bars["ts"][0] == datetime(2021, 12, 31, 23, 2, tzinfo=UTC)


def test_vix_is_recognised_without_a_spec(shared_data, counts):
    path = shared_data("vix_daily.parquet")
    read = inspect(path, DataSpec(source="file", path=path.name))
    assert (read.found.frequency, read.found.rows) == ("day", 9_235)
    assert counts(read)["ohlc_violation"] == 47
