"""What happened to a running strategy's inputs: drift, revisions, staleness. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from datetime import datetime

BINS = 10
FEWEST = 200
"""Returns on each side without which nothing is said of drift."""
LEAST_SHARE = 1e-4


def stability_index(before: np.ndarray, after: np.ndarray) -> float | None:
    """Return the population stability index of two samples; None where one is too small.

    Parameters
    ----------
    before, after
        Shape (n,) and (m,); bins are the deciles of `before`.

    Returns
    -------
    float or None
        Below 0.1 little has changed; above 0.25 much has.

    References
    ----------
    Siddiqi (2006), "Credit Risk Scorecards", chapter 8.

    Examples
    --------
    >>> normal = np.random.default_rng(1).normal(size=5_000)
    >>> stability_index(normal[:4_000], normal[4_000:]) < 0.1
    True
    >>> stability_index(normal[:4_000], 3 * normal[4_000:]) > 0.25
    True
    """
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    if min(len(before), len(after)) < FEWEST:
        return None
    edges = np.unique(np.quantile(before, np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = [
        np.maximum(np.bincount(np.searchsorted(edges, x), minlength=len(edges) + 1) / len(x),
                   LEAST_SHARE)
        for x in (before, after)
    ]  # fmt: skip
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def input_drift(bars: pl.DataFrame, since: datetime) -> float | None:
    """Return how far bar-to-bar returns have moved since a time, as a stability index."""
    moves = bars.sort("symbol", "ts").select(
        "ts", move=pl.col("close").pct_change().over("symbol")
    ).drop_nulls()  # fmt: skip
    earlier = moves.filter(pl.col("ts") <= since)["move"].to_numpy()
    return stability_index(earlier, moves.filter(pl.col("ts") > since)["move"].to_numpy())


def stale_hours(bars: pl.DataFrame, now: datetime) -> float:
    """Return the hours since the newest bar."""
    newest: datetime = bars["ts"].max()  # type: ignore[assignment]
    return (now - newest).total_seconds() / 3600
