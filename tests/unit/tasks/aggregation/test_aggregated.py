from __future__ import annotations

import os
import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tasks.aggregation import aggregate
from taskspecs.schema import AggregationSpec, GroupsSpec

ZONE = "America/New_York"
SPECS = [
    AggregationSpec(),
    AggregationSpec(every="week", normalise="zscore", neutralise="market"),
    AggregationSpec(every="month", normalise="rank"),
    AggregationSpec(normalise="robust_zscore", neutralise="market", winsorise=0.1),
    AggregationSpec(
        neutralise="group", groups=GroupsSpec(members={f"S0{n}": "ab"[n % 2] for n in range(4)})
    ),
]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_cutting_the_future_off_changes_nothing_before(make_bars, make_features, spec) -> None:
    bars = make_bars()
    features = make_features(bars)
    whole = aggregate(features, bars, spec, zone=ZONE)
    for cut in bars["ts"].unique().sort()[3::9]:
        known = pl.col("ts") <= cut
        part = aggregate(features.filter(known), bars.filter(known), spec, zone=ZONE)
        assert_frame_equal(part.features, whole.features.filter(known), check_exact=True)
        assert_frame_equal(part.market, whole.market.filter(known), check_exact=True)


def test_without_a_treatment_all_is_handed_on(make_bars, make_features) -> None:
    bars = make_bars()
    features = make_features(bars)
    assert_frame_equal(aggregate(features, bars, AggregationSpec(), zone=ZONE).features, features)


def test_a_week_has_one_decision_and_the_market_every_bar(make_bars, make_features) -> None:
    bars = make_bars()
    result = aggregate(make_features(bars), bars, AggregationSpec(every="week"), zone=ZONE)
    weeks = result.features.group_by("symbol", pl.col("ts").dt.truncate("1w")).len()
    assert weeks["len"].max() == 1
    assert set(result.features["ts"].dt.weekday()) == {1}
    assert len(result.market) == bars["ts"].n_unique()


def test_inputs_are_left_alone(make_bars, make_features) -> None:
    bars = make_bars()
    features = make_features(bars)
    before = bars.clone(), features.clone()
    aggregate(features, bars, SPECS[1], zone=ZONE)
    assert_frame_equal(bars, before[0])
    assert_frame_equal(features, before[1])


def test_no_rows() -> None:
    ts = pl.Datetime("us", "UTC")
    bars = pl.DataFrame(schema={"symbol": pl.String, "ts": ts, "close": pl.Float64})
    features = pl.DataFrame(schema={"symbol": pl.String, "ts": ts, "f": pl.Float32})
    result = aggregate(features, bars, SPECS[1], zone=ZONE)
    assert result.features.schema == features.schema
    assert result.market.is_empty()


_DIGEST = """
import hashlib, io, numpy as np, polars as pl
from tasks.aggregation import aggregate
from taskspecs.schema import AggregationSpec, GroupsSpec
rng = np.random.default_rng(0)
ts = pl.Series(np.arange(400) * 86_400_000_000 + 10**15).cast(pl.Datetime("us", "UTC"))
bars = pl.concat(pl.DataFrame({"symbol": f"S{n:03}", "ts": ts, "close": 100 * np.exp(np.cumsum(
    rng.normal(0, 0.01, 400)))}) for n in range(120))
features = bars.select("symbol", "ts", pl.Series("f", rng.normal(size=48_000), dtype=pl.Float32))
spec = AggregationSpec(every="week", normalise="zscore", neutralise="market")
result = aggregate(features, bars, spec, zone="UTC")
text = result.features.write_csv() + result.market.write_csv()
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_equal_bytes_with_any_number_of_threads_and_any_hash_seed() -> None:
    digests = set()
    for threads, hash_seed in (("1", "0"), ("4", "1"), ("2", "random")):
        environment = os.environ | {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout)
    assert len(digests) == 1
