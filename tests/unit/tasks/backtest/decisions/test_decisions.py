"""Weights from scores, and decisions that are thinned out and delayed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from configs.errors import BadInput
from tasks.backtest import run_backtest
from tasks.backtest.decisions.weights import limit, weigh
from taskspecs.schema import BacktestSpec

scores = arrays(np.float64, st.integers(1, 12), elements=st.floats(-1e6, 1e6)).map(
    lambda values: np.sort(values)[::-1]
)


@given(scores, st.sampled_from(["equal", "rank", "proportional"]), st.floats(0.05, 1),
       st.integers(1, 12), st.booleans())  # fmt: skip
def test_weights_by_their_rules(values, weighting, most, topk, positive):
    spec = BacktestSpec(
        strategy="weights", weighting=weighting, max_weight=most, topk=topk, positive_only=positive
    )
    weights = weigh(values, spec)
    chosen = values[:topk]
    if positive or weighting == "proportional":
        chosen = chosen[chosen > 0]
    assert len(weights) <= len(chosen)
    if weighting != "proportional" or not len(chosen) or chosen[-1] > chosen[0] * 1e-300:
        assert len(weights) == len(chosen)
    assert (weights > 0).all()
    assert (weights <= most + 1e-12).all()
    assert (np.diff(weights) <= 1e-12).all()
    assert weights.sum() == pytest.approx(min(1, most * len(weights)) if len(weights) else 0)


@given(arrays(np.float64, st.integers(1, 8), elements=st.floats(0.01, 1)), st.floats(0.05, 1))
def test_what_is_not_cut_keeps_its_proportions(parts, most):
    weights = np.sort(parts / parts.sum())[::-1]
    limited = limit(weights, most)
    free = limited < most - 1e-9
    ratio = limited[free] / weights[free]
    assert np.ptp(ratio) <= 1e-9 if len(ratio) else True


def test_a_delay_moves_every_fill(random_market):
    bars, decisions = random_market(8, 40, suspended=0.0)
    times = bars["ts"].unique().sort()
    for delay in (1, 3):
        spec = BacktestSpec(topk=3, trade_delay_bars=delay)
        trades = run_backtest(bars, decisions, spec, frequency="day", zone="UTC").trades
        first = times.search_sorted(decisions["ts"].min())
        assert trades["ts"][0] == times[first + delay]


def test_a_delay_beyond_the_data_is_refused(random_market):
    spec = BacktestSpec(trade_delay_bars=100)
    with pytest.raises(BadInput, match="traded 100 bars later"):
        run_backtest(*random_market(8, 40), spec, frequency="day", zone="UTC")


def test_between_rebalances_nothing_is_traded(random_market):
    bars, decisions = random_market(8, 40, suspended=0.0)
    spec = BacktestSpec(strategy="weights", topk=3, rebalance_bars=7)
    trades = run_backtest(bars, decisions, spec, frequency="day", zone="UTC").trades
    times = bars["ts"].unique().sort()
    rows = times.search_sorted(trades["ts"].unique().sort()).to_numpy()
    assert set(np.diff(rows)) == {7}


def test_a_symbol_is_held_as_long_as_was_said(random_market):
    bars, decisions = random_market(8, 60, suspended=0.0)
    spec = BacktestSpec(topk=3, n_drop=3, hold_bars=6)
    trades = run_backtest(bars, decisions, spec, frequency="day", zone="UTC").trades
    times = bars["ts"].unique().sort()
    for _, part in trades.group_by("symbol"):
        rows = times.search_sorted(part["ts"]).to_list()
        sides = part["side"].to_list()
        held = [b - a for a, b, s in zip(rows, rows[1:], sides[1:], strict=False) if s == "sell"]
        assert all(bars_held >= 6 for bars_held in held)
    assert "sell" in trades["side"].to_list()
