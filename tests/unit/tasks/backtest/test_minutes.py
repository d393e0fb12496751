"""Bars of a minute, around the clock: traded as qlib trades them, and annualised as is written."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tasks.backtest import run_backtest
from tasks.backtest.fast.engine import play as fast
from tasks.backtest.judge.play import play as judge
from tasks.backtest.problem import lay_out_problem
from tasks.features import evaluate
from tasks.ingest import read
from tasks.signal import score
from taskspecs.catalogue import find
from taskspecs.load import load
from taskspecs.schema import BacktestSpec

DAYS = 3
A_DAY = 1_440


def market(symbols=4, minutes=1_000, seed=5):
    """Walks over midnight, with minutes in which nothing was traded; reversal scores."""
    random = np.random.default_rng(seed)
    size = (symbols, minutes)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.002, size), axis=1))
    bars = pl.DataFrame(
        {
            "symbol": np.repeat([f"C{n}" for n in range(symbols)], minutes),
            "minute": np.tile(np.arange(minutes), symbols),
            "open": (close * random.normal(1, 0.0005, size)).ravel(),
            "close": close.ravel(),
            "volume": random.integers(1, 900, size).astype("f8").ravel(),
            "factor": 1.0,
        }
    ).select(
        "symbol",
        pl.col("open", "close", "volume", "factor"),
        ts=pl.datetime(2024, 3, 9, 20, time_zone="UTC") + pl.duration(minutes="minute"),
    )
    kept = bars.filter(pl.Series(random.random(bars.height) >= 0.05)).sort("symbol", "ts")
    change = pl.col("close") / pl.col("close").shift(10).over("symbol") - 1
    return kept, kept.select("symbol", "ts", score=-change).drop_nulls()


@pytest.mark.parametrize(
    "spec",
    [
        BacktestSpec(topk=2, n_drop=1, hold_bars=5, trade_delay_bars=2, limit_threshold=0.01),
        BacktestSpec(strategy="weights", topk=3, weighting="rank", rebalance_bars=60),
    ],
    ids=["topk_dropout", "weights"],
)
def test_is_qlib_to_the_last_bit(spec):
    problem = lay_out_problem(*market(), spec, "1min", "UTC")
    ours = fast(problem)
    assert ours.same_bits(judge(problem))
    assert len(ours.fills) > 40


def test_the_breakout_that_ships_on_a_real_market(shared_data):
    spec, _ = load(find("crypto_breakout"))
    bars = read(spec.data, shared_data / "btc_perp_1m.parquet").bars.head(DAYS * A_DAY)
    features = evaluate(bars, spec.features.define)
    scores = score(bars.join(features, on=["symbol", "ts"]), spec.signal.expression)
    ours, theirs = (
        run_backtest(
            bars, scores, spec.backtest, frequency="1min", zone=spec.data.zone, engine=engine
        )
        for engine in ("fast", "qlib")
    )
    for name in ("equity", "positions", "trades", "metrics"):
        assert_frame_equal(getattr(ours, name), getattr(theirs, name))

    trades = ours.trades
    assert trades.height > 4
    decided = trades["ts"].dt.epoch("s") // 60 % 60
    assert decided.n_unique() == 1, "decided once an hour, traded on the next minute"
    value = trades["shares"] * trades["price"]
    costs = spec.backtest.costs
    assert trades["fee"].to_list() == pytest.approx((value * costs.open_bps / 1e4).to_list())
    at_close = trades.join(bars.select("ts", "close"), on="ts", maintain_order="left")
    away = (at_close["price"] / at_close["close"] - 1).abs()
    assert away.to_list() == pytest.approx([costs.slippage_bps / 1e4] * trades.height)


def test_a_year_is_the_minutes_of_a_day_times_the_days_that_trade():
    bars, scores = market(minutes=9 * A_DAY, symbols=1)
    bars, scores = bars.filter(pl.col("symbol") == "C0"), scores.filter(pl.col("symbol") == "C0")
    spec = BacktestSpec(strategy="weights", topk=1, rebalance_bars=600)
    result = run_backtest(bars, scores, spec, frequency="1min", zone="UTC", engine="fast")
    figures = dict(result.metrics.select("name", "value").iter_rows())
    notes = dict(result.metrics.select("name", "note").iter_rows())
    a_day = result.equity.group_by(pl.col("ts").dt.date()).len()["len"].median()
    year = a_day * 365
    assert figures["bars_a_year"] == year
    assert "bars a day (median), 365 days a year" in notes["annual_return"]
    net = result.equity["net_return"].to_numpy()
    grown = np.prod(1 + net) ** (year / len(net)) - 1
    assert figures["annual_return"] == pytest.approx(grown, rel=1e-9)
    assert figures["annual_volatility"] == pytest.approx(net.std(ddof=1) * np.sqrt(year), rel=1e-9)
    assert figures["sharpe"] == pytest.approx(
        net.mean() / net.std(ddof=1) * np.sqrt(year), rel=1e-9
    )
