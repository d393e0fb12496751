"""Generated markets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TS = pl.Datetime("us", "UTC")


def weekdays(count: int) -> list[datetime]:
    """Closes of weekdays from Wednesday, 2 January 2013."""
    first = datetime(2013, 1, 2, 21, tzinfo=UTC)
    days = (first + timedelta(days=n) for n in range(2 * count + 7))
    return [day for day in days if day.weekday() < 5][:count]


def tidy(bars: pl.DataFrame) -> pl.DataFrame:
    return bars.with_columns(pl.col("ts").cast(TS), known_at=pl.col("ts").cast(TS)).sort(
        "symbol", "ts"
    )


@pytest.fixture
def table() -> Callable[..., pl.DataFrame]:
    """Bars from closes written by hand, one list a symbol; None for a bar without prices."""

    def build(
        closes: dict[str, Sequence[float | None]], ts: Sequence[datetime] | None = None
    ) -> pl.DataFrame:
        times = ts or weekdays(max(map(len, closes.values())))
        rows = [
            (symbol, moment, price, price, 1_000.0, 1.0)
            for symbol, prices in closes.items()
            for moment, price in zip(times, prices, strict=True)
        ]
        names = {
            "symbol": pl.String, "ts": TS, "open": pl.Float64, "close": pl.Float64,
            "volume": pl.Float64, "factor": pl.Float64,
        }  # fmt: skip
        return tidy(pl.DataFrame(rows, schema=names, orient="row"))

    return build


@pytest.fixture
def decide() -> Callable[..., pl.DataFrame]:
    """Scores written by hand: for each time, a mapping of symbols to scores."""

    def build(decisions: dict[datetime, dict[str, float]]) -> pl.DataFrame:
        rows = [(s, ts, float(v)) for ts, scores in decisions.items() for s, v in scores.items()]
        names = {"symbol": pl.String, "ts": TS, "score": pl.Float64}
        return pl.DataFrame(rows, schema=names, orient="row").sort("symbol", "ts")

    return build


@pytest.fixture(scope="session")
def random_market() -> Callable[..., tuple[pl.DataFrame, pl.DataFrame]]:
    """Random walks with suspensions, moving factors and float32 prices; reversal scores."""

    def build(
        symbols: int, bars: int, seed: int = 7, suspended: float = 0.03
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        random = np.random.default_rng(seed)
        size = (bars, symbols)
        close = 50 * np.exp(np.cumsum(random.normal(0, 0.03, size), axis=0))
        factor = np.cumprod(np.where(random.random(size) < 0.005, 2.0, 1.0), axis=0)
        frame = pl.DataFrame(
            {
                "symbol": np.repeat([f"S{n:03d}" for n in range(symbols)], bars),
                "ts": weekdays(bars) * symbols,
                "open": (close * random.normal(1, 0.005, size)).astype("f4").T.ravel(),
                "close": close.astype("f4").T.ravel(),
                "volume": random.integers(1_000, 9_000, size).astype("f8").T.ravel(),
                "factor": factor.T.ravel(),
            }
        ).with_columns(pl.col("open", "close").cast(pl.Float64))
        kept = tidy(frame.filter(pl.Series(random.random(symbols * bars) >= suspended)))
        scores = kept.select(
            "symbol",
            "ts",
            score=1 - pl.col("close") / pl.col("close").shift(5).over("symbol"),
        ).drop_nulls()
        return kept, scores

    return build


@pytest.fixture
def days() -> Callable[[int], list[datetime]]:
    return weekdays
