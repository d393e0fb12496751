"""Every operator of the registry, with settings and what it is given."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks.streams.event import Scales, Trade
from tasks.streams.operators import LEVEL_ONE, LEVEL_TWO
from tests.streaming import BEGIN_US, trades

MINUTE_US = 60_000_000
SCALES = Scales(price_decimals=2, size_decimals=3)
ONE: dict[str, Any] = {
    "validate": {"price": {"above": 0, "most": 100.05}, "size": {"least": 0.1}},
    "times": {"shift_s": -1.5, "whole_ms": 10},
    "dedupe": {"by": "content", "remember": 5},
    "clip": {"price": {"jump": 0.0005, "do": "clip", "believe": 2}},
    "rate": {"per_second": 1},
}
TWO: dict[str, Any] = {
    "normalise": {"columns": ["close", "volume"], "by": "robust", "window": 7, "least": 3},
    "aggregate": {"every": "3min"},
    "derive": {"change": "$close / Ref($close, 2) - 1", "busy": "$volume / Mean($volume, 5)"},
    "filter": "$close - Mean($close, 3)",
    "join": {"source": "rates", "columns": {"rate": "their_rate"}, "symbol": "USD"},
}
"""A new operator needs a line here."""


@pytest.fixture(params=sorted(LEVEL_ONE))
def one(request: pytest.FixtureRequest) -> dict[str, Any]:
    """An operator on events, as a document says it."""
    return {request.param: ONE[request.param]}


@pytest.fixture(params=sorted(LEVEL_TWO))
def two(request: pytest.FixtureRequest) -> dict[str, Any]:
    """An operator on bars, as a document says it."""
    return {request.param: TWO[request.param]}


@pytest.fixture(scope="session")
def events() -> list[Trade]:
    """Trades of three symbols, some of them twice, some far away."""
    made = trades(300, seed=12)
    rng = np.random.default_rng(1)
    for place in sorted(rng.integers(10, 290, 20)):
        made.insert(int(place), made[int(place)])
    made[100] = made[100].__class__("S0", made[100].ts_us, 0, 90_000, 5, 1)
    return made


@pytest.fixture(scope="session")
def bars() -> pl.DataFrame:
    """Minutes of three symbols, not all at all times, with missing and infinite values."""
    rng = np.random.default_rng(2)
    first = datetime(2026, 1, 5, 9, tzinfo=UTC)
    rows = []
    for minute in range(60):
        for symbol in ("A", "B", "C"):
            if rng.random() < 0.8 and not (symbol == "C" and minute < 20):
                close, volume = 100 + float(rng.normal()), float(rng.integers(0, 50))
                rows.append((symbol, first + timedelta(minutes=minute), close, volume))
    frame = pl.DataFrame(
        rows, orient="row",
        schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC"), "close": pl.Float64,
                "volume": pl.Float64},
    )  # fmt: skip
    place = pl.int_range(pl.len())
    return frame.with_columns(
        pl.when(place % 23 == 5).then(None).when(place % 29 == 7).then(float("inf"))
        .otherwise("volume").alias("volume")
    )  # fmt: skip


@pytest.fixture(scope="session")
def said() -> list[tuple[int, bytes]]:
    """What another source says, and how many frames of bars were there before."""
    says = {"source": "rates", "symbol": "USD"}
    return [
        (place, json.dumps({**says, "ts_us": BEGIN_US + place * MINUTE_US,
                            "values": {"rate": place / 7}}).encode())
        for place in range(0, 60, 9)
    ]  # fmt: skip
