"""Made-up markets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

MakeBars = Callable[..., pl.DataFrame]


@pytest.fixture
def make_bars() -> MakeBars:
    """Weekday closes of several symbols at 21:00 UTC, some of them missing."""

    def make(
        symbols: int = 5, days: int = 120, missing: float = 0.05, seed: int = 7
    ) -> pl.DataFrame:
        rng = np.random.default_rng(seed)
        calendar = pl.datetime_range(
            datetime(2024, 1, 1, 21, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC), "1d", eager=True
        )
        times = calendar.filter(calendar.dt.weekday() <= 5)[:days]
        common = rng.normal(0, 0.01, days)
        frames = []
        for number in range(symbols):
            returns = common + rng.normal(0, 0.01, days)
            frame = pl.DataFrame(
                {"symbol": f"S{number:02}", "ts": times, "close": 100 * np.exp(np.cumsum(returns))}
            )
            frames.append(frame.filter(pl.Series(rng.random(days) >= missing)))
        return pl.concat(frames).cast({"ts": pl.Datetime("us", "UTC")})

    return make


@pytest.fixture
def make_features() -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Two features on the rows of bars: one without and one with missing values and ties."""

    def make(bars: pl.DataFrame) -> pl.DataFrame:
        rng = np.random.default_rng(3)
        coarse = rng.integers(0, 4, len(bars)).astype(float)
        return bars.select(
            "symbol",
            "ts",
            pl.Series("smooth", rng.normal(size=len(bars)), dtype=pl.Float32),
            pl.Series("coarse", coarse, dtype=pl.Float32).replace(3.0, None),
        )

    return make
