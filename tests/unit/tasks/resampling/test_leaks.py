"""Whoever resamples to the wrong side is caught."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from tasks.features import evaluate
from tasks.features.leak.check import check_leaks
from tasks.resampling import Resampling, resample
from tasks.resampling.merging import merge

FEATURES = {"trend": "$close / Mean($close, 5)", "range": "$high / $low", "flow": "Sum($volume, 3)"}
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("every", ["5min", "1h", "day"])
def test_features_of_coarser_bars_look_at_nothing_ahead(make_minutes, every: str) -> None:
    bars = make_minutes(bars=9_000, symbols=2)
    resampling = Resampling(every, "1min", "America/New_York")
    for seed in range(3):
        verdict = check_leaks(
            lambda known: evaluate(merge(known, resampling), FEATURES), bars,
            seed=seed, ends=resampling.ends,
        )  # fmt: skip
        assert verdict.clean, str(verdict)
        assert verdict.compared > 0


def test_a_row_that_is_published_late_is_no_leak(make_minutes) -> None:
    bars = make_minutes(bars=3_000, symbols=2, missing=0.0)
    late = pl.int_range(pl.len()) % 97 == 0
    bars = bars.with_columns(
        known_at=pl.when(late).then(pl.col("ts") + timedelta(hours=7)).otherwise("known_at")
    )
    resampling = Resampling("15min", "1min")
    verdict = check_leaks(lambda known: merge(known, resampling), bars, ends=resampling.ends)
    assert verdict.clean, str(verdict)


def labelled_left(bars: pl.DataFrame) -> pl.DataFrame:
    return resample(bars, "1h", frequency="1min").with_columns(pl.col("ts") - HOUR)


def closed_left(bars: pl.DataFrame) -> pl.DataFrame:
    """Let a bar take the minute after its end."""
    moved = bars.with_columns(pl.col("ts") - timedelta(minutes=1))
    return resample(moved, "1h", frequency="1min")


def unfinished(bars: pl.DataFrame) -> pl.DataFrame:
    """Show an hour that is not over under the time of its latest minute's hour."""
    hour = (pl.col("ts") - timedelta(microseconds=1)).dt.truncate("1h")
    return (
        bars.group_by("symbol", hour.alias("ts")).agg(pl.col("close").last()).sort("symbol", "ts")
    )


@pytest.mark.parametrize("wrong", [labelled_left, closed_left, unfinished])
def test_a_label_on_the_wrong_side_is_caught(make_minutes, wrong) -> None:
    bars = make_minutes(bars=3_000, symbols=2, missing=0.0)
    ends = Resampling("1h", "1min").ends
    caught = [check_leaks(wrong, bars, seed=seed, ends=ends).leak is not None for seed in range(5)]
    assert all(caught)
