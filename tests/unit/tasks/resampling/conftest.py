"""Made-up minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

MakeMinutes = Callable[..., pl.DataFrame]


@pytest.fixture
def make_minutes() -> MakeMinutes:
    """Bars that trade around the clock, some of them missing, some of their values too."""

    def make(
        start: str = "2024-01-02T00:00",
        bars: int = 3_000,
        step_minutes: int = 1,
        *,
        symbols: int = 3,
        missing: float = 0.1,
        seed: int = 5,
    ) -> pl.DataFrame:
        rng = np.random.default_rng(seed)
        first = datetime.fromisoformat(start).replace(tzinfo=UTC)
        ts = [first + timedelta(minutes=step_minutes * (n + 1)) for n in range(bars)]
        frames = []
        for number in range(symbols):
            close = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, bars)))
            open_ = close * np.exp(rng.normal(0, 0.001, bars))
            volume = rng.integers(0, 1_000, bars).astype(float)
            frame = pl.DataFrame(
                {
                    "symbol": f"S{number}",
                    "ts": ts,
                    "open": open_,
                    "high": np.maximum(open_, close) * 1.001,
                    "low": np.minimum(open_, close) * 0.999,
                    "close": close,
                    "volume": volume,
                    "amount": volume * close,
                    "vwap": (open_ + close) / 2,
                    "factor": 1.0,
                    "known_at": ts,
                }
            ).cast({"ts": pl.Datetime("us", "UTC"), "known_at": pl.Datetime("us", "UTC")})
            gone = pl.Series(rng.random(bars) < missing)
            empty = pl.Series(rng.random(bars) < missing / 2)
            values = ["open", "high", "low", "close", "volume", "amount", "vwap"]
            frame = frame.with_columns(pl.when(~empty).then(pl.col(values)))
            frames.append(frame.filter(~gone))
        return pl.concat(frames)

    return make
