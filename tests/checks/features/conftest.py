"""A small market in which something always happens."""

import numpy as np
import polars as pl
import pytest

SYMBOLS = 8
DAYS = 240


@pytest.fixture(scope="session")
def market() -> pl.DataFrame:
    """Eight shares, 240 working days; some days are missing, some shares are listed late."""
    rng = np.random.default_rng(5)
    days = np.busday_offset("2021-01-04", np.arange(DAYS), roll="forward")
    frames = []
    for number in range(SYMBOLS):
        first = 60 * (number % 3 == 2)
        n = DAYS - first
        close = 20 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
        high, low = close * (1 + rng.uniform(0, 0.02, n)), close * (1 - rng.uniform(0, 0.02, n))
        frame = pl.DataFrame(
            {
                "symbol": [f"S{number:03d}"] * n,
                "ts": pl.Series(days[first:]).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
                "open": (high + low) / 2, "high": high, "low": low, "close": close,
                "vwap": (high + low + close) / 3,
                "volume": np.round(np.exp(rng.normal(12, 0.5, n))),
                "sector": ["tech" if number % 2 else "bank"] * n,
            }
        )  # fmt: skip
        keep = rng.random(n) > 0.04
        keep[[0, -1]] = True
        frames.append(frame.filter(pl.Series(keep)))
    return pl.concat(frames)
