"""Rows of a small run, made by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from agent.explain.rows import PatternRows, Row, RunRows, as_rows

RUN = "0123456789ab"
FIRST = datetime(2010, 1, 4, 21, tzinfo=UTC)
SPEC = {
    "aggregation": {"every": "week", "normalise": "rank"},
    "signal": {"expression": "$momentum"},
    "features": {"define": {"momentum": "$close / Ref($close, 60) - 1"}, "sets": []},
    "backtest": {
        "topk": 2,
        "n_drop": 1,
        "benchmark": "equal_weight",
        "costs": {"open_bps": 5.0, "close_bps": 15.0, "slippage_bps": 2.0, "min_fee": 5.0},
    },
}


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def equity_rows(net: np.ndarray[Any, Any], benchmark: np.ndarray[Any, Any]) -> tuple[Row, ...]:
    account = np.cumprod(1 + net)
    height = np.maximum.accumulate(np.maximum(account, 1.0))
    return as_rows(
        "equity",
        (
            {
                "run_id": RUN,
                "ts": day(i),
                "account": float(account[i]),
                "net_return": float(net[i]),
                "gross_return": float(net[i]) + 0.0001,
                "benchmark_return": float(benchmark[i]),
                "cost": 0.0001,
                "drawdown": float(account[i] / height[i] - 1),
            }
            for i in range(len(net))
        ),
    )


def metric_rows(**values: float | None) -> dict[str, Row]:
    units = {
        "sharpe": "ratio",
        "sharpe_standard_error": "ratio",
        "bars_a_year": "bars",
        "total_cost": "money",
    }
    return {
        name: Row(
            "metrics",
            {
                "run_id": RUN,
                "name": name,
                "value": value,
                "unit": units.get(name, "fraction"),
                "note": "",
            },
        )
        for name, value in values.items()
    }


def pattern_row(number: int, kind: str = "drift", at: int = 10, **changed: Any) -> Row:
    figure = {"value": 0.01 * number, "unit": "source"}
    content = {
        "run_id": RUN,
        "pattern_id": f"{number:016x}",
        "type": kind,
        "ts": day(at),
        "symbol": "AAPL",
        "source": "$volatility",
        "detector": "adwin" if kind == "drift" else "half_space_trees",
        "prev_state": json.dumps({"mean": figure}),
        "new_state": json.dumps({"mean": {"value": 0.05, "unit": "source"}}),
        "metrics": json.dumps(
            {
                "effect": {"value": 1.5, "unit": "standard deviations"},
                "since": {"value": day(at - 3).isoformat(), "unit": "utc"},
            }
        ),
        "confidence": 0.9 + number / 1_000,
        "contributors": [{"field": "$volatility", "score": 1.0}],
        **changed,
    }
    return Row("patterns", content)


def run_row(**changed: Any) -> Row:
    content = {
        "run_id": RUN,
        "name": "us_momentum",
        "description": "",
        "strategy": "us_momentum@1",
        "spec_hash": "f" * 64,
        "spec": json.dumps(SPEC),
        "source": "sample",
        "frequency": "day",
        "zone": "America/New_York",
        "road": "prompt",
        "symbols": 5,
        "first_ts": day(0),
        "last_ts": day(99),
        "as_of": None,
        "tried_at": day(1_000),
        "data_digest": "a" * 64,
        "report": "report.html",
        **changed,
    }
    return Row("runs", content)


@pytest.fixture
def rows() -> RunRows:
    """Up for 40 bars, down for 20, up again and never as high."""
    net = np.concatenate([np.full(40, 0.01), np.full(20, -0.03), np.full(40, 0.002)])
    net = net + 0.001 * np.sin(np.arange(100))
    noise = np.random.default_rng(1).normal(0, 0.4, 100)
    benchmark = np.full(100, 0.0005) + 0.01 * np.cos(np.arange(100))
    return RunRows(
        run=run_row(),
        metrics=metric_rows(
            annual_return=0.1138,
            benchmark_annual_return=0.1391,
            sharpe=0.5,
            sharpe_standard_error=0.28,
            bars_a_year=252.0,
            annual_cost=0.02,
            annual_turnover=16.4,
            total_cost=1234.0,
        ),
        equity=equity_rows(net, benchmark),
        ic=as_rows(
            "ic",
            (
                {
                    "run_id": RUN,
                    "ts": day(i),
                    "ic": 0.0,
                    "n": 5,
                    "rank_ic": float(noise[i]) if i % 10 else None,
                }
                for i in range(100)
            ),
        ),
        patterns=tuple(pattern_row(n, at=45 + n) for n in range(1, 8)),
        health=(
            Row(
                "health",
                {
                    "run_id": RUN,
                    "rule": "gap",
                    "action": "flagged",
                    "count": 3,
                    "symbols": 2,
                    "example": "",
                    "meaning": "days without a bar",
                },
            ),
            Row(
                "health",
                {
                    "run_id": RUN,
                    "rule": "ohlc",
                    "action": "repaired",
                    "count": 0,
                    "symbols": 0,
                    "example": "",
                    "meaning": "high below low",
                },
            ),
        ),
        trials=as_rows("ledger", ({"seq": n, "kind": "trial", "body": "{}"} for n in (1, 5, 9))),
    )


@pytest.fixture
def pattern_rows() -> PatternRows:
    market = as_rows(
        "market",
        (
            {
                "run_id": RUN,
                "ts": day(i),
                "equal_weight_return": 0.001 * i,
                "breadth": 0.6,
                "dispersion": None if i < 3 else 0.02,
                "average_correlation": None,
            }
            for i in range(11)
        ),
    )
    return PatternRows(
        run=run_row(),
        pattern=pattern_row(3, at=10),
        twins=(pattern_row(3, at=10, run_id="other"),),
        others=(pattern_row(4, at=12), pattern_row(5, at=90)),
        market=market,
        equity=Row("equity", {"run_id": RUN, "ts": day(10), "drawdown": -0.2}),
        feedback=(
            Row(
                "pattern_feedback",
                {
                    "pattern_id": "3",
                    "feedback_id": "x",
                    "verdict": "useful",
                    "actor": "ann",
                    "note": "",
                    "at": day(20),
                },
            ),
        ),
    )
