"""Patterns act from the bar after they are known, and as the spec says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from configs.errors import BadInput, Failed
from tasks.backtest import run_backtest
from taskspecs.load import parse
from taskspecs.reactions import Scaling, Suspension
from taskspecs.schema import BacktestSpec

PACE = {"frequency": "day", "zone": "UTC", "engine": "fast"}


def patterns(*rows):
    names = {
        "type": pl.String, "ts": pl.Datetime("us", "UTC"), "symbol": pl.String,
        "detector": pl.String, "confidence": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


def drift(ts, symbol=None, confidence=0.95):
    return ("drift", ts, symbol, "adwin", confidence)


@pytest.fixture(scope="module")
def market(random_market):
    return random_market(8, 60, suspended=0.0)


@pytest.fixture(scope="module")
def times(market):
    return market[0]["ts"].unique().sort()


def trade(market, found, **keys):
    return run_backtest(*market, BacktestSpec(topk=3, **keys), patterns=found, **PACE)


@pytest.mark.parametrize("strategy", ["topk_dropout", "weights"])
def test_the_market_is_left_on_the_bar_after_the_drift_and_entered_again(market, times, strategy):
    found = patterns(drift(times[30]))
    result = trade(market, found, strategy=strategy, suspend_on=Suspension(bars=5))
    invested = result.equity.filter(pl.col("holdings") > 0)["ts"]
    assert times[30] in invested
    assert set(times[31:36]).isdisjoint(invested)
    assert times[36] in invested
    sold = result.trades.filter(pl.col("ts") == times[31])["side"]
    assert sold.to_list() == ["sell"] * 3


def test_what_is_held_still_is_neither_bought_nor_sold(market, times):
    found = patterns(drift(times[30]))
    result = trade(market, found, suspend_on=Suspension(bars=5, then="hold"))
    assert set(result.trades["ts"]).isdisjoint(times[31:36])
    assert {times[30], times[36]} <= set(result.trades["ts"])


def test_a_symbol_alone_is_left(market, times):
    before = trade(market, None, strategy="weights").positions
    symbol = before.filter(pl.col("ts") == times[30])["symbol"][0]
    rule = Suspension(bars=5, scope="symbol")
    found = patterns(drift(times[30], symbol), drift(times[10]))
    held = trade(market, found, strategy="weights", suspend_on=rule).positions
    assert_frame_equal(
        held.filter(pl.col("ts") <= times[30]), before.filter(pl.col("ts") <= times[30])
    )
    meanwhile = held.filter(pl.col("ts").is_in(times[31:36].implode()))
    assert symbol not in set(meanwhile["symbol"])
    assert meanwhile.group_by("ts").len()["len"].to_list() == [3] * 5


def test_less_is_invested(market, times):
    found = patterns(drift(times[30]))
    result = trade(market, found, strategy="weights", scale_on=Scaling(bars=5, factor=0.5))
    share = (result.equity["position_value"] / result.equity["account"]).to_numpy()
    at = result.equity["ts"].search_sorted(times[31])
    assert share[at - 1] == pytest.approx(0.95, abs=0.05)
    np.testing.assert_allclose(share[at : at + 5], 0.475, atol=0.03)
    assert share[at + 5] == pytest.approx(0.95, abs=0.05)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (("anomaly", None, None, "adwin", 0.95), {}),
        (("drift", None, None, "kswin", 0.95), {"detectors": ("adwin",)}),
        (("drift", None, None, "adwin", 0.89), {}),
        (("drift", None, None, "adwin", None), {}),
        (("drift", None, "S001", "adwin", 0.95), {}),
    ],
)
def test_other_patterns_do_not_act(market, times, row, rule):
    found = patterns((row[0], times[30], *row[2:]))
    result = trade(market, found, suspend_on=Suspension(**rule))
    assert_frame_equal(result.equity, trade(market, None).equity)


@pytest.mark.parametrize("strategy", ["topk_dropout", "weights"])
def test_no_row_depends_on_a_pattern_that_is_not_yet_known(market, times, strategy):
    keys = {"suspend_on": Suspension(bars=4), "scale_on": Scaling(bars=9), "strategy": strategy}
    some = patterns(drift(times[12]), drift(times[20]))
    more = patterns(drift(times[12]), drift(times[20]), drift(times[40]))
    few, many = (trade(market, found, **keys).equity for found in (some, more))
    assert_frame_equal(*(e.filter(pl.col("ts") <= times[40]) for e in (few, many)))
    assert not few.equals(many)


def test_a_backtest_that_is_to_react_is_not_run_without_patterns(market):
    with pytest.raises(Failed, match="given none"):
        trade(market, None, suspend_on=Suspension())


def test_patterns_across_symbols_are_of_the_market():
    spec = parse(
        "name: x\nsignal: {expression: $close}\n"
        "detection: [{detector: adwin, watch: $close, scope: cross_section}]\n"
        "backtest: {suspend_on: {detectors: [adwin]}}\n"
    )
    assert spec.backtest.suspend_on.scope == "market"


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("{suspend_on: {scope: symbol}}", "detection has no detector of that scope"),
        ("{suspend_on: {detectors: [kswin]}}", "detection has no kswin of that scope"),
        ("{scale_on: {scope: symbol}}", "goes with strategy weights"),
        ("{strategy: long_short}", "qlib, which judges, holds no short positions"),
        ("{weighting: rank}", "weighting goes with strategy weights"),
        ("{strategy: weights, hold_bars: 3}", "hold_bars goes with strategy topk_dropout"),
    ],
)
def test_what_a_spec_cannot_mean_is_refused(section, said):
    text = (
        "name: x\nsignal: {expression: $close}\n"
        "detection: [{detector: adwin, watch: $dispersion, scope: market}]\n"
    )
    with pytest.raises(BadInput, match=said):
        parse(f"{text}backtest: {section}\n")
