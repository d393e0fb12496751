"""A backtest under harder conditions."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from configs.errors import Failed
from tasks.backtest import run_backtest
from tasks.backtest.stress import dearer, stress_backtest
from taskspecs.schema import BacktestSpec, CostsSpec

SPEC = BacktestSpec(topk=4, n_drop=2)
PACE = {"frequency": "day", "zone": "UTC"}


@pytest.fixture(scope="module")
def market(random_market):
    return random_market(12, 400)


@pytest.fixture(scope="module")
def judged(market):
    return run_backtest(*market, SPEC, **PACE)


@pytest.fixture(scope="module")
def stressed(market, judged):
    return stress_backtest(*market, SPEC, judged, **PACE)


def row(stressed, scenario):
    (found,) = stressed.filter(pl.col("scenario") == scenario).to_dicts()
    return found


def test_scenarios(stressed):
    assert stressed["scenario"].to_list() == [
        "as_judged", "costs_x2", "costs_x3", "one_bar_later", "without_best_5_bars",
        "year_2013", "year_2014",
    ]  # fmt: skip
    assert stressed["meaning"].str.len_chars().min() > 5


def test_dearer_is_what_qlib_says_of_dearer(market, stressed):
    costs = CostsSpec(open_bps=15, close_bps=45, slippage_bps=6, min_fee=15)
    assert dearer(SPEC, 3).costs == costs
    theirs = run_backtest(*market, SPEC.model_copy(update={"costs": costs}), **PACE)
    expected = dict(theirs.metrics.select("name", "value").iter_rows())
    found = row(stressed, "costs_x3")
    for name in ("total_return", "sharpe", "max_drawdown", "annual_turnover", "annual_cost"):
        assert found[name] == pytest.approx(expected[name], rel=1e-9)
    worse = [row(stressed, f"costs_x{n}")["total_return"] for n in (2, 3)]
    assert row(stressed, "as_judged")["total_return"] > worse[0] > worse[1]


def test_later_is_what_qlib_says_of_scores_that_come_later(market, stressed):
    bars, scores = market
    times = bars["ts"].unique().sort()
    following = dict(pairwise(times))
    moved = scores.filter(pl.col("ts") < times[-1]).with_columns(
        pl.col("ts").replace_strict(following, return_dtype=scores["ts"].dtype)
    )
    theirs = run_backtest(bars, moved, SPEC, **PACE)
    found = row(stressed, "one_bar_later")
    assert found["total_return"] == pytest.approx(theirs.equity["account"][-1] / 1e6 - 1)


def test_the_best_bars_are_taken_away(judged, stressed):
    kept = judged.equity.sort("net_return", descending=True)["net_return"][5:]
    found = row(stressed, "without_best_5_bars")
    assert found["total_return"] == pytest.approx((1 + kept).product() - 1)
    assert found["sharpe"] < row(stressed, "as_judged")["sharpe"]
    assert found["bars"] == len(judged.equity)


def test_years_are_those_of_the_backtest(judged, stressed):
    years = stressed.filter(pl.col("scenario").str.starts_with("year_"))
    assert years["total_return"].to_list() == judged.by_year["return"].to_list()
    assert years["bars"].sum() == len(judged.equity)


def test_a_disagreement_is_an_error(market, judged):
    account = judged.equity.with_columns(pl.col("account") * (1 + 1e-8))
    wrong = type(judged)(account, *(getattr(judged, n) for n in judged.__slots__[1:]))
    with pytest.raises(Failed, match="disagree"):
        stress_backtest(*market, SPEC, wrong, **PACE)


def test_what_the_fast_engine_does_not_cover_is_left_empty(market, judged, stressed):
    class Spec(BacktestSpec):
        borrow: float = 0.0

    found = stress_backtest(*market, Spec(**SPEC.model_dump(), borrow=1.0), judged, **PACE)
    empty = found.filter(pl.col("sharpe").is_null())
    assert empty["scenario"].to_list() == ["costs_x2", "costs_x3", "one_bar_later"]
    assert empty["meaning"].str.contains("does not cover backtest.borrow").all()
    rest = ~pl.col("scenario").is_in(empty["scenario"].implode())
    assert_frame_equal(found.filter(rest), stressed.filter(rest))


def test_a_single_decision_on_the_last_but_one_bar(table, decide, days):
    bars = table({"A": [10.0, 11.0, 12.0], "B": [20.0, 20.0, 20.0]})
    scores, spec = decide({days(2)[1]: {"A": 2, "B": 1}}), BacktestSpec(topk=1)
    judged = run_backtest(bars, scores, spec, **PACE)
    found = row(stress_backtest(bars, scores, spec, judged, **PACE), "one_bar_later")
    assert found["annual_turnover"] == 0
