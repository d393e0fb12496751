"""What is fed from memory trades as qlib does from its own files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from qlib.backtest.high_performance_ds import NumpyQuote

from tasks.backtest import run_backtest
from tasks.backtest.judge.calendar import MemoryCalendar, label_steps
from tasks.backtest.judge.play import play
from tasks.backtest.judge.quote import quote_fields
from tasks.backtest.problem import lay_out_problem
from taskspecs.schema import BacktestSpec, CostsSpec

STOCK_QLIB = Path(__file__).with_name("stock_qlib.py")
SPECS = {
    "plain": {"topk": 5, "n_drop": 2},
    "lots": {"topk": 8, "n_drop": 8, "trade_unit": 100, "account": 200_000.0},
    "limits": {"topk": 5, "n_drop": 2, "limit_threshold": 0.05},
    "open": {"topk": 6, "n_drop": 1, "deal_price": "open"},
    "poor": {"topk": 3, "n_drop": 3, "account": 500.0},
}


def spec_of(name: str, **costs: float) -> BacktestSpec:
    return BacktestSpec(**SPECS[name], costs=CostsSpec(**costs))


def as_qlib_says_it(spec: BacktestSpec) -> dict[str, object]:
    return {
        "account": spec.account,
        "strategy": {"topk": spec.topk, "n_drop": spec.n_drop},
        "exchange": {
            "deal_price": spec.deal_price,
            "limit_threshold": spec.limit_threshold,
            "open_cost": spec.costs.open_bps / 1e4,
            "close_cost": spec.costs.close_bps / 1e4,
            "min_cost": spec.costs.min_fee,
            "trade_unit": spec.trade_unit,
        },
    }


@pytest.fixture(scope="module")
def market(random_market):
    return random_market(25, 120)


@pytest.fixture(scope="module")
def stock(market, tmp_path_factory):
    """The same backtests by qlib from its own files."""
    folder = tmp_path_factory.mktemp("stock")
    bars, scores = market
    bars.write_parquet(folder / "bars.parquet")
    scores.write_parquet(folder / "scores.parquet")
    specs = {name: as_qlib_says_it(spec_of(name, slippage_bps=0)) for name in SPECS}
    (folder / "specs.json").write_text(json.dumps(specs))
    subprocess.run(
        [sys.executable, STOCK_QLIB, folder], check=True, capture_output=True, cwd=folder
    )
    return json.loads((folder / "accounts.json").read_text())


@pytest.mark.parametrize("name", SPECS)
def test_equals_qlib_from_its_own_files(market, stock, name):
    spec = spec_of(name, slippage_bps=0)
    result = run_backtest(*market, spec, frequency="day", zone="UTC")
    equity = result.equity
    before = np.concatenate([[spec.account], equity["account"][:-1]])
    ours = {
        "account": equity["account"],
        "cash": equity["cash"],
        "value": equity["position_value"],
        "total_turnover": (equity["turnover"] * before).cum_sum(),
        "total_cost": (equity["cost"] * before).cum_sum(),
    }
    for column, values in ours.items():
        np.testing.assert_allclose(values, stock[name][column], rtol=1e-12, atol=1e-7)
    assert result.trades.height > 20


@pytest.mark.parametrize("name", SPECS)
def test_quotes_give_the_bits_of_qlibs_own(market, name):
    problem = lay_out_problem(*market, spec_of(name, slippage_bps=3), "day", "UTC")
    assert play(problem, quote=stock_quote(problem)).same_bits(play(problem))


def stock_quote(problem) -> NumpyQuote:
    market = problem.market
    labels = label_steps(market.steps["ts"])[:-1]
    index = pd.MultiIndex.from_product(
        [range(len(market.symbols)), labels], names=["instrument", "datetime"]
    )
    fields = quote_fields(market, problem.spec.costs)
    table = pd.DataFrame({name: v.T.ravel() for name, v in fields.items()}, index=index)
    return NumpyQuote(table, "day", region="us")


def test_calendar_never_wraps_round():
    labels = label_steps(pl.Series([pd.Timestamp("2024-01-02", tz="UTC").to_pydatetime()] * 3))
    with pytest.raises(ValueError, match="cannot be traded"):
        MemoryCalendar(labels, 0, 2)
    with pytest.raises(ValueError, match="cannot be traded"):
        MemoryCalendar(labels, 1, 3)
    assert MemoryCalendar(labels, 1, 2).get_trade_len() == 2
