"""The same market is recognised in any dress; another one is not."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from storage.seals.likeness import alike, read_sketch, sketch
from tests.market import market

DRESSES = {
    "itself": lambda bars: bars,
    "rows in another order": lambda bars: bars.sample(fraction=1.0, shuffle=True, seed=1),
    "other names": lambda bars: bars.with_columns(pl.col("symbol").replace("S0", "ZZZ")),
    "scaled": lambda bars: bars.with_columns(pl.col("close") * 7.3),
    "single precision": lambda bars: bars.with_columns(
        pl.col("close").cast(pl.Float32).cast(pl.Float64)
    ),
    "fewer symbols": lambda bars: bars.filter(pl.col("symbol") == "S3"),
    "a shorter period": lambda bars: bars.filter(pl.col("ts") > datetime(2016, 1, 1, tzinfo=UTC)),
    "mixed with as much of something else": lambda bars: pl.concat(
        [bars, market(99).with_columns(pl.col("symbol") + "x")]
    ),
    "every second day missing a symbol": lambda bars: bars.filter(
        (pl.col("symbol") != "S1") | (pl.col("ts").dt.day() % 2 == 0)
    ),
    "hourly": lambda bars: pl.concat(
        [
            bars,
            bars.with_columns(pl.col("ts").dt.offset_by("-3h"), pl.col("close") * 1.01),
        ]
    ),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_the_same_market_is_recognised(dress):
    assert alike(sketch(market(1)), sketch(DRESSES[dress](market(1))))


def test_another_market_is_another():
    sketches = [sketch(market(seed)) for seed in range(8)]
    assert not any(alike(a, b) for a in sketches for b in sketches if a is not b)


def test_a_small_part_of_a_large_universe_is_recognised():
    large = market(2, symbols=80, days=700)
    small = large.filter(pl.col("symbol").is_in(["S7", "S30"]))
    assert alike(sketch(large), sketch(small))


def test_prices_that_never_move_are_like_nothing():
    still = market(3).with_columns(close=pl.lit(1.0))
    assert sketch(still).hashes == ()
    assert not alike(sketch(still), sketch(still))
    assert not alike(sketch(market(3).clear()), sketch(market(3)))


def test_months_are_years_where_bars_are_few():
    weekly = market(4, days=1500).filter(pl.col("ts").dt.weekday() == 5)
    assert 0 < len(sketch(weekly).hashes) <= 6 * 5
    assert alike(sketch(weekly), sketch(weekly.filter(pl.col("symbol") != "S0")))


def test_a_sketch_survives_being_written():
    taken = sketch(market(5))
    assert read_sketch(taken.to_body()) == taken
