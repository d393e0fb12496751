"""The breakout on minute bars that ships, from a file to its report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

MINUTES = 4 * 1_440


@pytest.fixture
def perpetual(shell):
    """A file as an exchange gives it: minutes by their beginning, no symbol, no zone."""
    random = np.random.default_rng(4)
    begun = datetime(2024, 1, 5, tzinfo=UTC).replace(tzinfo=None)
    close = 40_000 * np.exp(np.cumsum(random.normal(2e-6, 0.0007, MINUTES)))
    open_ = np.roll(close, 1)
    open_[0] = close[0]
    frame = pl.DataFrame(
        {
            "timestamp": [begun + timedelta(minutes=n) for n in range(MINUTES)],
            "open": open_,
            "high": np.maximum(open_, close) * 1.0002,
            "low": np.minimum(open_, close) * 0.9998,
            "close": close,
            "volume": random.uniform(1e5, 1e6, MINUTES),
        }
    )
    frame.write_parquet(shell.workspace / "btc_perp_1m.parquet")


@pytest.mark.slow
def test_minutes_go_the_whole_road(shell, perpetual):
    outcome = shell.json("run", "crypto_breakout")
    assert outcome["computed"][-1] == "report"
    metrics = outcome["metrics"]
    assert metrics["bars_a_year"] == 1_440 * 365
    assert metrics["fees"] > 0
    assert metrics["slippage"] == pytest.approx(metrics["fees"] / 5, rel=1e-3)
    assert 0 < metrics["exposure"] < 1
    trades = pl.read_parquet(next(shell.workspace.rglob("*-trades.parquet")))
    assert trades["ts"].dt.minute().n_unique() == 1
    page = Path(outcome["report"]).read_text(encoding="utf-8")
    assert "365 days a year" in page
