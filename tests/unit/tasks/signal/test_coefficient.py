"""Information coefficients, against scipy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats import pearsonr, spearmanr

from tasks.signal import information_coefficient

START = datetime(2024, 1, 1, 21, tzinfo=UTC)


def frame(name, values):
    """Values by time and symbol; None for an absent one."""
    rows = [
        (f"S{n:02d}", START + timedelta(days=day), value)
        for day, line in enumerate(values)
        for n, value in enumerate(line)
        if value is not None
    ]
    schema = {"symbol": pl.String, "ts": pl.Datetime("us", "UTC"), name: pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("symbol", "ts")


coarse = st.integers(-4, 4).map(lambda n: n / 3)
cells = st.lists(
    st.lists(st.tuples(coarse, coarse), min_size=3, max_size=9), min_size=1, max_size=5
)


@settings(max_examples=60, deadline=None)
@given(cells)
def test_equals_scipy(days):
    scores = frame("score", [[x for x, _ in line] for line in days])
    labels = frame("label", [[y for _, y in line] for line in days])
    ic = information_coefficient(scores, labels)
    assert ic["n"].to_list() == [len(line) for line in days]
    for row, line in zip(ic.iter_rows(named=True), days, strict=True):
        x, y = np.array(line).T
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            assert row["ic"] is None
            assert row["rank_ic"] is None
        else:
            assert row["ic"] == pytest.approx(pearsonr(x, y).statistic, abs=1e-12)
            assert row["rank_ic"] == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)


def test_rows_of_all_decisions_and_only_those():
    scores = frame("score", [[1, 2, 3, 4], [None] * 4, [1, 2, None, None], [1, 2, 3, 4]])
    labels = frame("label", [[1, 2, 4, None], [1, 2, 3, 4], [1, 2, 3, 4]])
    ic = information_coefficient(scores, labels)
    assert ic["ts"].to_list() == [START + timedelta(days=d) for d in (0, 2, 3)]
    assert ic["n"].to_list() == [3, 2, 0]
    assert ic["rank_ic"].to_list() == [1.0, None, None]
    assert ic.schema == {
        "ts": pl.Datetime("us", "UTC"), "ic": pl.Float64, "rank_ic": pl.Float64, "n": pl.Int64
    }  # fmt: skip


def test_least_number_of_symbols_can_be_raised():
    scores = frame("score", [[1, 2, 3], [1, 2, 3, 4]])
    labels = frame("label", [[1, 2, 3], [1, 2, 3, 4]])
    assert information_coefficient(scores, labels, min_symbols=4)["ic"].is_null().to_list() == [
        True,
        False,
    ]


def test_missing_labels_are_left_out():
    scores = frame("score", [[1.0, 2.0, 3.0, 4.0]])
    labels = frame("label", [[1.0, 2.0, float("nan"), float("inf")]])
    assert information_coefficient(scores, labels)["n"].to_list() == [2]
    nothing = information_coefficient(scores, labels.clear())
    assert nothing.select("ic", "n").rows() == [(None, 0)]


def test_a_constant_is_undefined_though_its_mean_is_rounded():
    scores = frame("score", [[0.1] * 7])
    labels = frame("label", [[1, 2, 3, 5, 4, 6, 7]])
    assert information_coefficient(scores, labels)["ic"].to_list() == [None]


def test_order_of_rows_does_not_count():
    random = np.random.default_rng(1)
    scores = frame("score", random.normal(size=(20, 30)).tolist())
    labels = frame("label", random.normal(size=(20, 30)).tolist())
    expected = information_coefficient(scores, labels)
    shuffled = information_coefficient(
        scores.sample(fraction=1, shuffle=True, seed=2),
        labels.sample(fraction=1, shuffle=True, seed=3),
    )
    assert_frame_equal(shuffled, expected, check_exact=True)
