"""What models learn from: laid out by time, labels as qlib's processors make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from qlib.data.dataset.processor import CSRankNorm, CSZScoreNorm, RobustZScoreNorm

from tasks.signal.learning import compare_labels, observe
from tasks.signal.models.linear import Scale

FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def random_labels(days=40, symbols=7, missing=0.1):
    rng = np.random.default_rng(3)
    frame = pl.DataFrame(
        {
            "symbol": [f"S{n}" for n in range(symbols)] * days,
            "ts": [FIRST + timedelta(d) for d in range(days) for _ in range(symbols)],
            "label": rng.normal(size=days * symbols).round(1),
        }
    ).cast({"ts": pl.Datetime("us", "UTC")})
    return frame.with_columns(
        label=pl.when(pl.Series(rng.random(len(frame))) >= missing).then("label")
    )


@pytest.mark.filterwarnings("ignore:The 'mode.chained:DeprecationWarning")
@pytest.mark.parametrize(("norm", "processor"), [("zscore", CSZScoreNorm), ("rank", CSRankNorm)])
def test_labels_are_qlibs(norm, processor):
    labels = random_labels()
    index = pd.MultiIndex.from_arrays(
        [labels["ts"].to_list(), labels["symbol"].to_list()], names=["datetime", "instrument"]
    )
    theirs = pd.DataFrame({("label", "LABEL0"): labels["label"].to_numpy()}, index=index)
    theirs = processor(fields_group="label")(theirs.dropna())
    ours = compare_labels(labels, norm)["label"].drop_nulls().to_numpy()
    np.testing.assert_allclose(ours, theirs.to_numpy().ravel(), atol=1e-6)


def test_features_are_scaled_as_qlib_does():
    rng = np.random.default_rng(5)
    values = rng.standard_t(3, size=(400, 3)).astype(np.float32)
    values[rng.random(values.shape) < 0.05] = np.nan
    index = pd.MultiIndex.from_product(
        [pd.date_range("2020-01-01", periods=100), list("ABCD")], names=["datetime", "instrument"]
    )
    columns = pd.MultiIndex.from_product([["feature"], list("xyz")])
    frame = pd.DataFrame(values.astype(float), index=index, columns=columns)
    until = index.get_level_values(0)[240]
    norm = RobustZScoreNorm("2020-01-01", str(until.date()), fields_group="feature")
    norm.fit(frame)
    theirs = norm(frame.copy()).fillna(0).to_numpy()
    rows = index.get_level_values(0) <= until
    np.testing.assert_allclose(Scale.of(values[rows]).apply(values), theirs, atol=1e-9)


def test_rows_are_in_the_order_of_time_and_windows_are_stretches():
    labels = random_labels(days=10, symbols=3, missing=0.4)
    features = labels.select("symbol", "ts", f=pl.int_range(pl.len()).cast(pl.Float32)).sort(
        "symbol", "ts"
    )
    calendar = labels["ts"].unique().sort()
    seen = observe(features, labels.drop_nulls(), calendar, "none")
    assert seen.keys["ts"].is_sorted()
    assert seen.bar.tolist() == sorted(list(range(10)) * 3)
    rows = seen.rows(range(2, 5))
    assert (rows.start, rows.stop) == (6, 15)
    assert seen.features[rows, 0].tolist() == list(range(6, 15))
    own = seen.sample(range(2, 5))
    expected = labels[6:15].drop_nulls()
    np.testing.assert_array_equal(own.labels, expected["label"].cast(pl.Float32).to_numpy())
    assert len(own.features) == len(expected) < 9
    everything = observe(features, random_labels(10, 3, 0), calendar, "none").sample(range(2, 5))
    assert everything.features.base is not None, "no copy where no label is missing"


def test_decisions_are_placed_on_the_calendar_of_bars():
    labels = random_labels(days=10, symbols=2, missing=0)
    calendar = labels["ts"].unique().sort()
    weekly = labels.filter(pl.col("ts").is_in(calendar[::5].implode()))
    seen = observe(weekly.rename({"label": "f"}), labels, calendar, "none")
    assert seen.bar.tolist() == [0, 0, 5, 5]


def test_a_time_at_which_all_labels_are_equal_says_nothing():
    frame = pl.DataFrame({"ts": [1, 1, 2, 2], "label": [0.1, 0.1, 0.1, 0.2]})
    out = compare_labels(frame, "zscore")["label"]
    assert out.null_count() == 2
