"""How quick a backtest is: qlib as it is installed, qlib fed from memory, and the fast engine.

All in one run, on the same generated market, with the same strategy and costs; what is timed is
the loop over all bars, not the loading of data, in seconds of the processor: every loop has one
thread, and a machine that is shared does not disturb the ratios much. Says whether the results
agree, for the ranking and for the weight strategy. Then a sweep, in a process of its own; see
`scripts/bench/sweep.py`.

    .venv/bin/python scripts/bench/backtest.py [--symbols N] [--bars N] [--repeat N] [--points N]
                                               [--json]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl

from tasks.backtest.fast.engine import play as fast
from tasks.backtest.judge.calendar import label_steps
from tasks.backtest.judge.play import play as judge
from tasks.backtest.judge.quote import quote_fields
from tasks.backtest.problem import lay_out_problem
from taskspecs.schema import BacktestSpec, CostsSpec

# isort: split
# Our judge silences what gym prints, so qlib comes after it.
import qlib
from qlib.backtest import get_strategy_executor
from qlib.backtest.backtest import backtest_loop
from qlib.backtest.executor import SimulatorExecutor
from qlib.backtest.high_performance_ds import NumpyQuote
from qlib.contrib.strategy import TopkDropoutStrategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.backtest.journal import Journal
    from tasks.backtest.problem import Problem

ROOT = Path(__file__).parents[2]
STOCK = ROOT / "tests/unit/tasks/backtest/stock_qlib.py"

SWEEP = Path(__file__).with_name("sweep.py")

WEIGHTS = BacktestSpec(
    strategy="weights", topk=50, weighting="rank", max_weight=0.05, rebalance_bars=5
)
SPEC = BacktestSpec(topk=50, n_drop=5, costs=CostsSpec(slippage_bps=0))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--symbols", type=int, default=300)
    options.add_argument("--bars", type=int, default=1_250)
    options.add_argument("--repeat", type=int, default=2, help="the best of so many counts")
    options.add_argument("--points", type=int, default=1_000, help="of the sweep; 0 for none")
    options.add_argument("--json", action="store_true", help="print one JSON object, last")
    chosen = options.parse_args()
    figures = measure(chosen.symbols, chosen.bars, chosen.repeat) | sweep(chosen.points)
    if chosen.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<34} {value}")


def measure(symbols: int, bars: int, repeat: int) -> dict[str, Any]:
    market = generate(symbols, bars)
    problem = lay_out_problem(*market, SPEC, "day", "UTC")
    fast(problem)  # compiles
    stock_s, stock = stock_loop(*market, repeat)
    own_s, own = timed(lambda: judge(problem, quote=qlibs_quote(problem)), repeat)
    judge_s, judged = timed(lambda: judge(problem), repeat)
    fast_s, quick = timed(lambda: fast(problem), 10 * repeat)
    return {
        "symbols": symbols,
        "bars": bars,
        "fills": len(judged.fills),
        "qlib_s": round(stock_s, 3),
        "qlib_own_quotes_in_memory_s": round(own_s, 3),
        "qlib_our_quotes_s": round(judge_s, 3),
        "fast_s": round(fast_s, 5),
        "fast_over_qlib": round(stock_s / fast_s, 1),
        "our_quotes_over_qlib": round(stock_s / judge_s, 2),
        "our_quotes_over_qlibs_quotes": round(own_s / judge_s, 2),
        "our_quotes_bit_identical": judged.same_bits(own),
        "fast_bit_identical": quick.same_bits(judged),
        "account_relative_difference": difference(judged, stock),
        **weighted(market, repeat),
    }


def weighted(market: tuple[pl.DataFrame, pl.DataFrame], repeat: int) -> dict[str, Any]:
    """Time the weight strategy by both engines."""
    problem = lay_out_problem(*market, WEIGHTS, "day", "UTC")
    fast(problem)  # compiles
    judge_s, judged = timed(lambda: judge(problem), 1)
    fast_s, quick = timed(lambda: fast(problem), 10 * repeat)
    return {
        "weights_our_quotes_s": round(judge_s, 3),
        "weights_fast_s": round(fast_s, 5),
        "weights_bit_identical": quick.same_bits(judged),
    }


def sweep(points: int) -> dict[str, Any]:
    """Time a sweep in a process that holds nothing else."""
    if not points:
        return {}
    command = [sys.executable, str(SWEEP), "--points", str(points), "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def timed(play: Callable[[], Journal], repeat: int) -> tuple[float, Journal]:
    """Return the best time of the processor, and what was played."""
    best = float("inf")
    for _ in range(repeat):
        began = time.process_time()
        journal = play()
        best = min(best, time.process_time() - began)
    return best, journal


def generate(symbols: int, bars: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Random walks with suspensions, in float32 as qlib's files hold them; reversal scores."""
    random = np.random.default_rng(11)
    size = (symbols, bars)
    close = 50 * np.exp(np.cumsum(random.normal(0, 0.02, size), axis=1))
    first = datetime(2015, 1, 1, 21, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "symbol": np.repeat([f"S{n:04d}" for n in range(symbols)], bars),
            "ts": [first + timedelta(days=n) for n in range(bars)] * symbols,
            "open": close.astype("f4").ravel(),
            "close": close.astype("f4").ravel(),
            "volume": random.integers(1_000, 9_000, size).astype("f8").ravel(),
            "factor": 1.0,
        }
    ).with_columns(
        pl.col("open", "close").cast(pl.Float64), pl.col("ts").cast(pl.Datetime("us", "UTC"))
    )
    kept = frame.filter(pl.Series(random.random(symbols * bars) >= 0.02))
    scores = kept.select(
        "symbol", "ts", score=1 - pl.col("close") / pl.col("close").shift(5).over("symbol")
    )
    return kept, scores.drop_nulls()


def qlibs_quote(problem: Problem) -> Any:
    """Return the same quotes in qlib's own quote class."""
    labels = label_steps(problem.market.steps["ts"])[:-1]
    index = pd.MultiIndex.from_product(
        [range(len(problem.market.symbols)), labels], names=["instrument", "datetime"]
    )
    fields = quote_fields(problem.market, problem.spec.costs)
    table = pd.DataFrame({name: v.T.ravel() for name, v in fields.items()}, index=index)
    return NumpyQuote(table, "day", region="us")


def stock_loop(bars: pl.DataFrame, scores: pl.DataFrame, repeat: int) -> tuple[float, list[float]]:
    """Time qlib's own loop on its own files; return it and the account day by day."""
    with tempfile.TemporaryDirectory(prefix="qraft-bench-") as folder:
        days = stock_program().write_data(Path(folder), bars)
        qlib.init(provider_uri=folder, region="us", kernels=1, logging_level=logging.ERROR)
        index = pd.MultiIndex.from_arrays(
            [scores["symbol"].to_list(), pd.to_datetime(scores["ts"].dt.date().to_list())],
            names=["instrument", "datetime"],
        )
        signal = pd.Series(scores["score"].to_numpy(), index=index)
        first, last = days[days.index(str(scores["ts"].min().date())) + 1], days[-1]
        best = float("inf")
        for _ in range(repeat):
            strategy, executor = get_strategy_executor(
                first, last,
                TopkDropoutStrategy(signal=signal, topk=SPEC.topk, n_drop=SPEC.n_drop),
                SimulatorExecutor("day", generate_portfolio_metrics=True),
                benchmark=pd.Series(0.0, index=pd.DatetimeIndex(days)),
                account=SPEC.account,
                exchange_kwargs={
                    "codes": "all", "freq": "day", "deal_price": "close", "limit_threshold": None,
                    "open_cost": SPEC.costs.open_bps / 1e4,
                    "close_cost": SPEC.costs.close_bps / 1e4,
                    "min_cost": SPEC.costs.min_fee, "trade_unit": SPEC.trade_unit,
                },
            )  # fmt: skip
            began = time.process_time()
            reports, _ = backtest_loop(first, last, strategy, executor)
            best = min(best, time.process_time() - began)
        return best, reports["1day"][0]["account"].to_list()


def stock_program() -> Any:
    """Return the tests' program for qlib as it is installed; it knows qlib's file format."""
    spec = importlib.util.spec_from_file_location("stock_qlib", STOCK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def difference(journal: Journal, account: list[float]) -> float:
    """Return the largest relative difference of two accounts."""
    return float(np.max(np.abs(journal.account / np.array(account) - 1)))


if __name__ == "__main__":
    main()
