"""All models of costs are charged, by both engines alike, also one that looks at the market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tasks.backtest import run_backtest
from tasks.backtest.costs.charge import Charge, CostModel
from tasks.backtest.costs.charges import charge_of, round_trip_bps
from tasks.backtest.costs.table import KEYS, MODELS
from taskspecs.schema import BacktestSpec, CostsSpec

COSTS = CostsSpec(open_bps=3, close_bps=7, min_fee=2, slippage_bps=4)
SPEC = BacktestSpec(topk=2, n_drop=1, costs=COSTS)


def test_every_key_of_the_spec_is_charged_by_one_model():
    assert set(CostsSpec.model_fields) == KEYS
    assert sum(len(model.keys) for model in MODELS) == len(KEYS)


def test_charges_add_up():
    assert charge_of(COSTS) == Charge(3, 7, 2, 4)
    assert Charge(1, 2, 3, 4) + Charge(10, 20, 30, 40) == Charge(11, 22, 33, 44)
    assert round_trip_bps(COSTS) == 18


@pytest.fixture
def bars():
    rng = np.random.default_rng(3)
    first = datetime(2020, 1, 1, 21, tzinfo=UTC)
    frames = []
    for number in range(5):
        close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, 60)))
        frames.append(
            pl.DataFrame(
                {
                    "symbol": f"S{number}", "ts": [first + timedelta(days=n) for n in range(60)],
                    "open": close, "close": close, "volume": 1e6, "factor": 1.0,
                }
            )
        )  # fmt: skip
    return pl.concat(frames).cast({"ts": pl.Datetime("us", "UTC")})


def wider_when_dear(_costs, market):
    """Ten basis points more for every ten of price: by bar and by symbol."""
    return np.nan_to_num(market.deal)


def test_both_engines_charge_a_model_that_looks_at_the_market(bars, monkeypatch):
    scores = bars.select("symbol", "ts", score=pl.col("close").pct_change(5).over("symbol"))
    scores = scores.drop_nulls()
    pace = {"frequency": "day", "zone": "UTC"}
    before = run_backtest(bars, scores, SPEC, engine="fast", **pace)
    model = CostModel(frozenset(), lambda _: Charge(sell_fee_bps=1), wider_when_dear)
    monkeypatch.setattr("tasks.backtest.costs.charges.MODELS", (*MODELS, model))
    fast = run_backtest(bars, scores, SPEC, engine="fast", **pace)
    judged = run_backtest(bars, scores, SPEC, engine="qlib", **pace)
    assert_frame_equal(fast.equity, judged.equity, rel_tol=1e-9)
    assert_frame_equal(fast.trades, judged.trades, rel_tol=1e-9)
    assert fast.equity["account"][-1] < before.equity["account"][-1]
    first = fast.trades.row(0, named=True)
    rate = (4 + first["price"] / (1 + 1e-4)) / 10_000  # about: the price has its own cost in it
    assert first["slippage"] / first["value"] == pytest.approx(rate, rel=0.02)
