"""A study to report on: real prices, and a simple momentum account that is computed here."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from datetime import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from tasks.backtest.figures.metrics import measure
from tasks.backtest.figures.yearly import by_year
from tasks.report.inputs import ReportInputs
from taskspecs.schema import TaskSpec

if TYPE_CHECKING:
    from collections.abc import Callable

ZONE = "America/New_York"
LOOK_BACK = 120


def read_sample() -> pl.DataFrame:
    """The adjusted bars of five American shares."""
    packed = files("bokeh_sampledata").joinpath("_data/stocks.csv.gz").read_bytes()
    rows = pl.read_csv(gzip.decompress(packed), try_parse_dates=True).sort("Ticker", "Date")
    factor = pl.col("Adj Close") / pl.col("Close")
    end = pl.col("Date").dt.combine(time(16)).dt.replace_time_zone(ZONE).dt.convert_time_zone("UTC")
    return rows.select(
        pl.col("Ticker").alias("symbol"),
        end.dt.cast_time_unit("us").alias("ts"),
        *((pl.col(c) * factor).alias(c.lower()) for c in ("Open", "High", "Low", "Close")),
        (pl.col("Volume") / factor).alias("volume"),
        factor.alias("factor"),
        end.dt.cast_time_unit("us").alias("known_at"),
    )


def trade_momentum(bars: pl.DataFrame, *, cost: float = 0.001, hold: int = 2) -> dict[str, Any]:
    """Hold the shares that rose most, bought one bar after they did."""
    wide = bars.pivot(on="symbol", index="ts", values="close", maintain_order=True).sort("ts")
    symbols = sorted(set(wide.columns) - {"ts"})
    close = wide.select(symbols).to_numpy()
    returns = np.full_like(close, np.nan)
    returns[1:] = close[1:] / close[:-1] - 1
    score = np.full_like(close, np.nan)
    score[LOOK_BACK:] = close[LOOK_BACK:] / close[:-LOOK_BACK] - 1
    begin = LOOK_BACK + 1
    weights = np.zeros_like(close)
    for row in range(begin, len(close)):
        known = score[row - 1]
        best = np.argsort(np.where(np.isnan(known), -np.inf, known), kind="stable")[::-1][:hold]
        weights[row, [n for n in best if not np.isnan(known[n])]] = 0.95 / max(hold, 1)
    held, before = weights[begin:], weights[begin - 1 : -1]
    traded = np.abs(held - before).sum(axis=1)
    gross = np.nansum(np.nan_to_num(returns[begin:]) * before, axis=1)
    net = gross - traded * cost
    account = 1_000_000 * np.cumprod(1 + net)
    peak = np.maximum(np.maximum.accumulate(account), 1_000_000)
    ts = wide["ts"][begin:]
    equity = pl.DataFrame(
        {
            "ts": ts,
            "account": account,
            "cash": account * (1 - held.sum(axis=1)),
            "position_value": account * held.sum(axis=1),
            "gross_return": gross,
            "net_return": net,
            "benchmark_return": np.nanmean(returns[begin:], axis=1),
            "turnover": traded,
            "cost": traded * cost,
            "drawdown": account / peak - 1,
            "holdings": (held > 0).sum(axis=1),
        }
    )
    rows, columns = np.nonzero(held)
    positions = pl.DataFrame(
        {
            "ts": ts.gather(rows),
            "symbol": [symbols[n] for n in columns],
            "shares": np.ones(len(rows)),
            "price": close[begin:][rows, columns],
            "value": account[rows] * held[rows, columns],
            "weight": held[rows, columns],
        }
    )
    return {"equity": equity, "positions": positions, "ic": correlate(wide["ts"], score, returns)}


def correlate(ts: pl.Series, score: np.ndarray, returns: np.ndarray) -> pl.DataFrame:
    """The correlation of scores with the return of the bar after next."""
    rows = []
    for row in range(LOOK_BACK, len(score) - 2):
        both = ~np.isnan(score[row]) & ~np.isnan(returns[row + 2])
        x, y = score[row][both], returns[row + 2][both]
        if len(x) < 3:
            continue
        rank = np.corrcoef(x.argsort().argsort(), y.argsort().argsort())[0, 1]
        rows.append((ts[row], float(np.corrcoef(x, y)[0, 1]), float(rank), len(x)))
    schema = {
        "ts": pl.Datetime("us", "UTC"),
        "ic": pl.Float64,
        "rank_ic": pl.Float64,
        "n": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def summarise_market(bars: pl.DataFrame) -> pl.DataFrame:
    change = pl.col("close") / pl.col("close").shift().over("symbol") - 1
    by_time = bars.with_columns(change.alias("r")).group_by("ts").agg(
        pl.col("r").mean().alias("equal_weight_return"),
        (pl.col("r") > 0).mean().alias("breadth"),
        pl.col("r").std().alias("dispersion"),
    )  # fmt: skip
    return by_time.sort("ts").with_columns(
        pl.col("dispersion").rolling_mean(60).alias("average_correlation")
    )


PATTERN_SCHEMA = {
    "pattern_id": pl.String,
    "type": pl.String,
    "ts": pl.Datetime("us", "UTC"),
    "symbol": pl.String,
    "source": pl.String,
    "detector": pl.String,
    "prev_state": pl.String,
    "new_state": pl.String,
    "metrics": pl.String,
    "confidence": pl.Float64,
    "contributors": pl.List(pl.Struct({"field": pl.String, "score": pl.Float64})),
}


def find_patterns(bars: pl.DataFrame, market: pl.DataFrame, every: int = 260) -> pl.DataFrame:
    """Every so many bars a drift, an anomaly, or a change of the market: states really measured."""
    rows = []
    for (symbol,), part in bars.partition_by("symbol", as_dict=True, maintain_order=True).items():
        rows += _rows_of(symbol, part["ts"], part["close"].pct_change().to_numpy(), every)
    rows += _rows_of(None, market["ts"], market["dispersion"].to_numpy(), every)
    frame = pl.DataFrame(rows, schema=PATTERN_SCHEMA, orient="row")
    return frame.sort("ts", "symbol", "pattern_id")


def _rows_of(symbol: str | None, ts: pl.Series, values: np.ndarray, every: int) -> list[tuple]:
    rows = []
    watched = "$dispersion" if symbol is None else "$close / Ref($close, 1) - 1"
    if not np.isfinite(values).any():
        return rows
    for number, at in enumerate(range(every, len(values) - 2, every)):
        before, after = values[at - every + 1 : at - 30], values[at - 30 : at]
        drift = number % 3 != 1
        prev, new = (
            {"mean": _value(np.nanmean(v)), "std": _value(np.nanstd(v)),
             "bars": {"value": len(v), "unit": "bars"}}
            if drift else {watched: _value(np.nanmean(v)), "$volume": _value(len(v) * 1e6)}
            for v in (before, after)
        )  # fmt: skip
        z = abs(np.nanmean(after) - np.nanmean(before)) / (np.nanstd(after) + 1e-9) * 5.5
        kind = ("drift", "anomaly", "cluster_change")[number % 3] if symbol is None else (
            "drift" if drift else "anomaly"
        )  # fmt: skip
        since = {"since": {"value": ts[at - 30].isoformat(), "unit": "utc"}}
        fields = [watched, "$volume", "Std($close, 20)"]
        shares = np.array([0.61, 0.27, 0.12])[: 3 if not drift else 1]
        digest = hashlib.sha256(f"{symbol}{ts[at]}".encode()).hexdigest()[:16]
        rows.append((
            digest, kind, ts[at], symbol, watched, "adwin" if drift else "half_space_trees",
            json.dumps(prev), json.dumps(new), json.dumps(since), float(1 - np.exp(-z)),
            [{"field": f, "score": float(s)} for f, s in zip(fields, shares, strict=False)],
        ))  # fmt: skip
    return rows


def _value(number: float) -> dict[str, Any]:
    return {"value": float(number), "unit": "source"}


HEALTH = [
    ("rows_read", "kept", 15_123, 5, "", "rows of the file"),
    ("ohlc_violation", "repaired", 12, 3, "AAPL 5 Jul 2001: high 23.1, open 23.4",
     "high below or low above another price; widened to hold all"),
    ("conflicting_duplicate", "dropped", 0, 0, "", "rows that contradict another"),
    ("large_move", "flagged", 2, 2, "AAPL 29 Sep 2000: -51.9%",
     "closes that moved over 40 % in one bar, perhaps unadjusted"),
    ("frequency", "guessed", 1, 0, "1 day", "the most frequent distance between two bars"),
]  # fmt: skip

STAGES = {
    "ingest": ([], ["bars.parquet", "health.parquet", "reading.json"]),
    "features": (["ingest"], ["features.parquet"]),
    "aggregation": (["ingest", "features"], ["features.parquet", "market.parquet"]),
    "signal": (
        ["ingest", "aggregation"],
        [
            "scores.parquet",
            "ic.parquet",
            "leak.json",
            "windows.parquet",
            "importance.parquet",
        ],
    ),
    "detection": (
        ["ingest", "features", "aggregation"],
        ["patterns.parquet", "cards.parquet", "responses.parquet"],
    ),
    "backtest": (
        ["ingest", "signal"],
        [
            "equity.parquet",
            "positions.parquet",
            "metrics.parquet",
            "by_year.parquet",
            "stress.parquet",
        ],
    ),
}


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def stress_rows() -> pl.DataFrame:
    """Two conditions and a year, which has a table of its own."""
    figures = {
        "annual_return": 0.1, "annual_volatility": 0.2, "sharpe": 0.5, "max_drawdown": -0.3,
        "annual_cost": 0.01,
    }  # fmt: skip
    names = {"as_judged": "as the study says", "costs_x2": "costs doubled", "year_2008": "in 2008"}
    return pl.DataFrame(
        [{"scenario": key, "meaning": meaning, **figures} for key, meaning in names.items()]
    )


def card_rows() -> pl.DataFrame:
    """Two detectors: one that is rarely wrong, one that could not be calibrated."""
    shared = {"scope": "symbol", "settings": "{}", "series": 5, "sampled_series": 5, "bars": 9_000,
              "block_bars": 8.0}  # fmt: skip
    rows = [
        {"card_id": "a", "detector": "adwin", "source": "Abs($close / Ref($close, 1) - 1)",
         "null_bars": 60_000, "null_alarms": 6, "false_alarms_per_1000": 0.1,
         "false_alarms_per_1000_upper": 0.2, "alarms": 22, "kept": 21, "withheld": 1},
        {"card_id": "b", "detector": "half_space_trees", "source": "$volume; $close",
         "null_bars": 0, "null_alarms": 0, "false_alarms_per_1000": None,
         "false_alarms_per_1000_upper": None, "alarms": 3, "kept": 0, "withheld": 3},
    ]  # fmt: skip
    return pl.DataFrame([{**shared, **row} for row in rows])


def response_rows() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"card_id": "a", "kind": "shift", "size_std": size, "planted": 20, "noticed": noticed,
             "power": noticed / 20, "delay_bars": delay}
            for size, noticed, delay in ((0.5, 0, None), (1.0, 18, 50.0), (2.0, 20, 15.5))
        ]
    )  # fmt: skip


def trace_lineage() -> list[dict[str, Any]]:
    return [
        {
            "stage": name,
            "key": _sha(name),
            "inputs": {source: _sha(source) for source in sources},
            "code": _sha("code" + name),
            "files": [
                {"name": f, "rows": 15_123 if f.endswith("parquet") else None,
                 "bytes": 481_220, "sha256": _sha(name + f)}
                for f in names
            ],
        }
        for name, (sources, names) in STAGES.items()
    ]  # fmt: skip


def write_spec(**changes: Any) -> TaskSpec:
    return TaskSpec.model_validate(
        {
            "name": "us_momentum",
            "description": "Does half-year momentum pay among five large American shares, "
            "and does it survive drift?",
            "features": {"define": {"momentum": "$close / Ref($close, 120) - 1"}},
            "signal": {"expression": "$momentum"},
            "detection": [{"detector": "adwin", "watch": "$close / Ref($close, 1) - 1"}],
            "backtest": {"topk": 2, "n_drop": 1},
            **changes,
        }
    )


def assemble_study(bars: pl.DataFrame, spec: TaskSpec, *, every: int = 260) -> ReportInputs:
    traded = trade_momentum(bars, hold=spec.backtest.topk)
    market = summarise_market(bars)
    frequency, zone = spec.data.frequency, spec.data.zone
    equity = traded["equity"]
    health = ["rule", "action", "count", "symbols", "example", "meaning"]
    return ReportInputs(
        spec=spec,
        identity={
            "run": "5be1c0ffee42",
            "spec_hash": _sha("spec"),
            "data_digest": _sha("data"),
            "as_of": "all that is known",
        },
        bars=bars,
        market=market,
        patterns=find_patterns(bars, market, every),
        equity=equity,
        positions=traded["positions"],
        metrics=measure(equity, frequency=frequency, zone=zone, ic=traded["ic"]),
        ic=traded["ic"],
        by_year=by_year(equity, frequency=frequency, zone=zone),
        stress=stress_rows(),
        cards=card_rows(),
        responses=response_rows(),
        health=pl.DataFrame(HEALTH, schema=health, orient="row"),
        reading={"close": "Adj Close", "ts": "Date, 16:00 America/New_York", "symbol": "Ticker"},
        leak={"clean": True, "cuts": 4, "rows_compared": 28_412, "text": "No row differed."},
        lineage=trace_lineage(),
    )


@pytest.fixture(scope="session")
def study() -> ReportInputs:
    """Momentum over five real shares, 2000 to 2013."""
    return assemble_study(read_sample(), write_spec())


@pytest.fixture(scope="session")
def build_study() -> Callable[..., ReportInputs]:
    """Study any bars with any spec."""

    def build(bars: pl.DataFrame, *, every: int = 260, **changes: Any) -> ReportInputs:
        return assemble_study(bars, write_spec(**changes), every=every)

    return build


@pytest.fixture(scope="session")
def empty_study(study: ReportInputs) -> ReportInputs:
    """The same with nothing in any frame."""
    names = ("bars", "market", "patterns", "equity", "positions", "metrics", "ic", "by_year",
             "health")  # fmt: skip
    cleared = {name: getattr(study, name).clear() for name in names}
    return replace(study, **cleared, reading={}, leak={}, lineage=[])
