from __future__ import annotations

import numpy as np
import pandas as pd  # noqa: TC002 - used where types are not
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats.mstats import winsorize

from tasks.aggregation.cross_section import AT_ONCE, compare_symbols


def at_one_time(*values: float | None) -> pl.DataFrame:
    symbols = [f"S{n:02}" for n in range(len(values))]
    return pl.DataFrame(
        {"symbol": symbols, "ts": [1] * len(values), "f": pl.Series(values, dtype=pl.Float32)}
    )


def compared(frame: pl.DataFrame, normalise: str = "none", neutralise: str = "none") -> list[float]:
    return compare_symbols(frame, normalise=normalise, neutralise=neutralise)["f"].to_list()


def by_pandas(values: pd.Series, normalise: str, neutralise: str) -> pd.Series:
    if neutralise == "market":
        values = values - values.mean()
    if normalise == "zscore":
        return (values - values.mean()) / values.std()
    if normalise == "rank":
        return (values.rank() - 0.5) / values.count()
    if normalise == "robust_zscore":
        away = values - values.median()
        return away / (1.4826 * away.abs().median())
    return values


@pytest.mark.parametrize("normalise", ["none", "zscore", "rank", "robust_zscore"])
@pytest.mark.parametrize("neutralise", ["none", "market"])
def test_it_agrees_with_pandas(make_bars, make_features, normalise: str, neutralise: str) -> None:
    features = make_features(make_bars(symbols=30, days=20))
    ours = compare_symbols(features, normalise=normalise, neutralise=neutralise)
    theirs = features.to_pandas().set_index(["symbol", "ts"])["smooth"].astype("float64")
    expected = theirs.groupby("ts").transform(lambda v: by_pandas(v, normalise, neutralise))
    np.testing.assert_allclose(ours["smooth"], expected, rtol=2e-6, atol=1e-6)
    assert ours.schema == features.schema


SECTORS = {f"S{n:02}": "odd" if n % 2 else "even" for n in range(29)}  # S29 has none


def test_groups_are_centred_as_by_pandas(make_bars, make_features) -> None:
    features = make_features(make_bars(symbols=30, days=20))
    ours = compare_symbols(features, normalise="none", neutralise="group", groups=SECTORS)
    theirs = features.to_pandas().set_index(["symbol", "ts"])["smooth"].astype("float64")
    frame = theirs.to_frame().assign(group=theirs.index.get_level_values(0).map(SECTORS))
    expected = theirs - frame.groupby(["ts", "group"])["smooth"].transform("mean")
    np.testing.assert_allclose(ours["smooth"].fill_null(np.nan), expected, rtol=2e-6, atol=1e-6)
    assert ours.filter(pl.col("symbol") == "S29")["smooth"].null_count() > 0
    assert ours.columns == features.columns
    by_group = ours.with_columns(group=pl.col("symbol").replace_strict(SECTORS, default=None))
    means = (
        by_group.drop_nulls("group").group_by("ts", "group").agg(pl.col("smooth", "coarse").mean())
    )
    assert max(means.select(pl.col("smooth", "coarse").abs().max()).row(0)) < 1e-6


def test_who_is_alone_in_a_group_has_nothing_to_be_compared_with() -> None:
    frame = at_one_time(1.0, 3.0, 5.0, 7.0)
    groups = {"S00": "a", "S01": "a", "S02": "b"}
    result = compare_symbols(frame, normalise="none", neutralise="group", groups=groups)
    assert result["f"].to_list() == [-1.0, 1.0, None, None]


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6, width=32)), min_size=1, max_size=40),
    st.floats(0.001, 0.49),
)
@settings(max_examples=80, deadline=None)
def test_winsorising_is_scipys(values: list[float | None], share: float) -> None:
    ours = compare_symbols(
        at_one_time(*values), normalise="none", neutralise="none", winsorise=share
    )["f"]
    there = np.array([value for value in values if value is not None])
    expected = winsorize(there, limits=share) if there.size else there
    assert ours.drop_nulls().to_list() == [np.float32(value) for value in expected]
    assert ours.is_null().to_list() == [value is None for value in values]


def test_ranks_share_ties_and_lie_inside() -> None:
    assert compared(at_one_time(1, 2, 2, 9), "rank") == [0.125, 0.5, 0.5, 0.875]


def test_missing_stays_missing_and_takes_no_part() -> None:
    frame = at_one_time(1.0, None, float("nan"), float("inf"), 3.0)
    assert compared(frame, "rank") == [0.25, None, None, None, 0.75]
    assert compared(frame, "none", "market") == [-1.0, None, None, None, 1.0]
    assert compared(frame) == [1.0, None, None, None, 3.0]


@pytest.mark.parametrize("normalise", ["zscore", "rank", "robust_zscore"])
def test_one_symbol_has_nothing_to_be_compared_with(normalise: str) -> None:
    assert compared(at_one_time(1.0, None), normalise) == [None, None]


def test_one_symbol_is_no_market() -> None:
    assert compared(at_one_time(1.0, None), "none", "market") == [None, None]


@pytest.mark.parametrize("normalise", ["zscore", "robust_zscore"])
def test_equal_values_are_all_zero(normalise: str) -> None:
    assert compared(at_one_time(0.1, 0.1, 0.1, None), normalise) == [0.0, 0.0, 0.0, None]


def test_a_majority_of_equal_values_leaves_the_others_finite() -> None:
    result = compared(at_one_time(0, 0, 0, 0, 10), "robust_zscore")
    assert result[:4] == [0.0] * 4
    assert result[4] == pytest.approx(10 / (1.2533 * 2), rel=1e-6)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=20))
@settings(max_examples=60, deadline=None)
def test_ranks_do_not_feel_increasing_changes(values: list[float]) -> None:
    doubled = [2 * value for value in values]
    assert compared(at_one_time(*values), "rank") == compared(at_one_time(*doubled), "rank")


def test_the_order_of_rows_does_not_matter(make_bars, make_features) -> None:
    features = make_features(make_bars())
    shuffled = features.sample(fraction=1.0, shuffle=True, seed=1)
    results = [
        compare_symbols(f, normalise="zscore", neutralise="group", groups=SECTORS, winsorise=0.2)
        for f in (features, shuffled)
    ]
    assert results[0].equals(results[1])


def test_each_of_many_features_is_treated_by_itself():
    random = np.random.default_rng(0)
    names = [f"f{n}" for n in range(2 * AT_ONCE + 1)]
    frame = pl.DataFrame(
        {
            "symbol": [f"S{n}" for n in range(5)] * 20,
            "ts": np.repeat(np.arange(20), 5),
            **{name: random.normal(size=100).round(1) for name in names},
        }
    ).sample(fraction=0.9, shuffle=True, seed=1)
    asked = {"normalise": "robust_zscore", "neutralise": "market", "winsorise": 0.25}
    together = compare_symbols(frame, **asked)
    for name in names:
        alone = compare_symbols(frame.select("symbol", "ts", name), **asked)
        assert_frame_equal(together.select(alone.columns), alone, check_exact=True)
