from __future__ import annotations

import csv
import gzip
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.ingest import read
from tasks.ingest.origin.sources import locate
from taskspecs.schema import DataSpec


@pytest.fixture(scope="module")
def sample():
    return read(DataSpec(), locate(DataSpec(), Path()))


@pytest.fixture(scope="module")
def written():
    with gzip.open(locate(DataSpec(), Path()), "rt") as file:
        return list(csv.DictReader(file))


def test_every_row_is_delivered(sample, written):
    assert sample.bars.height == len(written) == 12_154
    assert sample.bars["symbol"].unique().sort().to_list() == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]


def test_traded_prices_and_volumes_come_back(sample, written):
    traded = sample.bars.select(pl.col("close") / pl.col("factor"))["close"]
    volume = sample.bars.select(pl.col("volume") * pl.col("factor"))["volume"]
    assert traded.to_list() == pytest.approx([float(row["Close"]) for row in written], rel=1e-12)
    assert volume.to_list() == pytest.approx([float(row["Volume"]) for row in written], rel=1e-12)


def test_returns_are_those_of_the_adjusted_close(sample, written):
    adjusted = pl.Series([float(row["Adj Close"]) for row in written])
    frame = sample.bars.with_columns(expected=adjusted)
    change = pl.col("close", "expected").pct_change().over("symbol")
    assert (
        frame.select(change)
        .drop_nulls()
        .select((pl.col("close") - pl.col("expected")).abs().max())
        .item()
        < 1e-5
    )  # splits and dividends, up to the rounding that the factor leaves out


def test_factor_starts_at_one_and_moves_with_dividends_and_splits_only(sample):
    changes = sample.bars.group_by("symbol").agg(
        pl.col("factor").first().alias("first"), n=pl.col("factor").n_unique() - 1
    )
    assert changes["first"].to_list() == [1.0] * 5
    assert dict(changes.select("symbol", "n").iter_rows()) == {
        "AAPL": 5, "FB": 0, "GOOG": 0, "IBM": 52, "MSFT": 38,
    }  # fmt: skip


def test_days_close_at_four_in_new_york(sample):
    local = sample.bars["ts"].dt.convert_time_zone("America/New_York")
    assert local.dt.hour().unique().to_list() == [16]
    assert sample.bars["ts"].dt.hour().unique().sort().to_list() == [20, 21]


def test_a_prefix_of_the_file_gives_a_prefix_of_the_bars(sample):
    cut = date(2005, 3, 1)
    early = read(DataSpec(end=cut), locate(DataSpec(), Path())).bars
    whole = sample.bars.filter(pl.col("ts").dt.date() <= cut)
    assert early.equals(whole)


@pytest.mark.parametrize("keys", [{"timezone": "UTC"}, {"session_close": "12:00"}])
def test_the_sample_keeps_its_own_clock(keys):
    with pytest.raises(BadInput, match=r"close at 16:00 in America/New_York"):
        read(DataSpec(**keys), locate(DataSpec(), Path()))


def test_the_sample_is_daily():
    with pytest.raises(BadInput, match="holds day bars, but the spec says `frequency: 1h`"):
        read(DataSpec(frequency="1h"), locate(DataSpec(), Path()))
