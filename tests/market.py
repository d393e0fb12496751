"""Bars of a market that never was, and a workspace's lake that holds some of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl


def market(seed: int, symbols: int = 6, days: int = 500, start: int = 2015) -> pl.DataFrame:
    """Return daily bars, a random walk a symbol."""
    rng = np.random.default_rng(seed)
    first = datetime(start, 1, 2, 21, tzinfo=UTC)
    stamps = [first + timedelta(days=number) for number in range(days)]
    return pl.concat(
        pl.DataFrame(
            {
                "symbol": f"S{number}",
                "ts": stamps,
                "close": 50 * np.exp(np.cumsum(rng.normal(0, 0.02, days))),
            }
        )
        for number in range(symbols)
    )


def up_to(bars: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return what comes before a day."""
    return bars.filter(pl.col("ts").dt.date() < day)
