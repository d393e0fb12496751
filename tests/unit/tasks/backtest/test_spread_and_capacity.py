"""The long-short spread and the capacity, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tasks.backtest import run_backtest
from tasks.backtest.figures.spread import long_short_returns
from tasks.backtest.problem import lay_out_problem
from taskspecs.schema import BacktestSpec, CostsSpec

FREE = CostsSpec(open_bps=0, close_bps=0, slippage_bps=0, min_fee=0)


def test_the_spread_is_qlibs_measure_before_costs(random_market):
    """qlib: on each date, the mean of ``Ref(deal, -1) / deal - 1`` of the best k less the worst."""
    bars, scores = random_market(12, 60, suspended=0.05)
    spec = BacktestSpec(topk=3, costs=FREE)
    problem = lay_out_problem(bars, scores, spec, "day", "UTC")
    ours = long_short_returns(problem)
    close = bars.to_pandas().pivot(index="ts", columns="symbol", values="close")
    profit = close.shift(-1) / close - 1
    score = scores.to_pandas().pivot(index="ts", columns="symbol", values="score")
    expected = []
    for row, date in enumerate(close.index[:-1]):
        decided = score.loc[close.index[row - 1]] if close.index[row - 1] in score.index else None
        if row == 0 or decided is None or (not expected and decided.isna().all()):
            continue
        ranked = decided.dropna().sort_values(ascending=False).index
        tradable = [s for s in ranked if not np.isnan(close.loc[date, s])]
        best = profit.loc[date, tradable[:3]].fillna(0).mean()
        worst = profit.loc[date, tradable[-3:]].fillna(0).mean()
        expected.append(best - worst)
    np.testing.assert_allclose(ours[1:], expected, rtol=1e-9, atol=1e-15)
    assert isinstance(expected, list)
    assert ours[0] == 0


def test_every_change_of_weight_is_paid_for(table, decide, days):
    first, second, third, _ = days(4)
    prices = {name: [10.0] * 4 for name in "ABCD"}
    scores = decide({
        first: {"A": 4, "B": 3, "C": 2, "D": 1}, second: {"A": 4, "B": 3, "C": 2, "D": 1},
        third: {"B": 4, "A": 3, "C": 2, "D": 1},
    })  # fmt: skip
    spec = BacktestSpec(topk=1, costs=CostsSpec(open_bps=10, close_bps=20, slippage_bps=5))
    problem = lay_out_problem(table(prices), scores, spec, "day", "UTC")
    both = (10 + 5 + 20 + 5) / 1e4
    np.testing.assert_allclose(long_short_returns(problem), [-both, 0, -both])


def test_one_symbol_has_no_spread(table, decide, days):
    scores = decide({days(1)[0]: {"A": 1}})
    problem = lay_out_problem(table({"A": [1.0, 2.0]}), scores, BacktestSpec(topk=1), "day", "UTC")
    assert long_short_returns(problem) is None


def test_capacity_is_that_of_all_but_the_largest_parts(random_market):
    bars, scores = random_market(8, 120)
    result = run_backtest(bars, scores, BacktestSpec(topk=3), frequency="day", zone="UTC")
    capacity = dict(result.metrics.select("name", "value").iter_rows())["capacity"]
    traded = bars.with_columns(money=pl.col("volume") * pl.col("close"))
    joined = result.trades.join(traded, on=["ts", "symbol"]).sort("ts")
    np.testing.assert_allclose(
        joined["participation"], joined["value"] / joined["money"], rtol=1e-12
    )
    before = pd.Series(
        np.append([1e6], result.equity["account"][:-1]), index=result.equity["ts"].to_list()
    )
    fits = before[joined["ts"].to_list()].to_numpy() * 0.1 / joined["participation"].to_numpy()
    assert capacity == pytest.approx(np.quantile(fits, 0.05))
    assert (fits >= capacity).mean() == pytest.approx(0.95, abs=0.01)


def test_without_volume_there_is_no_capacity(random_market):
    bars, scores = random_market(8, 40)
    blank = bars.with_columns(volume=pl.lit(None, pl.Float64))
    result = run_backtest(blank, scores, BacktestSpec(), frequency="day", zone="UTC")
    found = dict(result.metrics.select("name", "value").iter_rows())
    assert found["capacity"] is None
    assert result.trades["participation"].is_null().all()
