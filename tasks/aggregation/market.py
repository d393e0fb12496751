"""Series of the whole market: one number for each bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tasks.aggregation.correlation import average_correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORRELATION_BARS = 60
"""Bars over which the average correlation is taken."""

SCHEMA: dict[str, pl.DataType] = {
    "ts": pl.Datetime("us", "UTC"),
    "equal_weight_return": pl.Float64(),
    "breadth": pl.Float64(),
    "dispersion": pl.Float64(),
    "average_correlation": pl.Float64(),
}


def market_series(bars: pl.DataFrame) -> pl.DataFrame:
    """Sum the market up at every bar.

    A symbol takes part at `ts` with its return from the market's bar just before, close to close,
    so with prices at both; after a gap it is back from its second bar on.

    Parameters
    ----------
    bars
        At least `symbol, ts (UTC), close`, unique by (symbol, ts); close adjusted for splits and
        dividends. A close that is missing, not finite or not above zero counts as no bar.

    Returns
    -------
    polars.DataFrame
        One row for each time in `bars`, sorted: `ts`; `equal_weight_return`, the mean return,
        fraction a bar; `breadth`, the share of symbols that rose; `dispersion`, the sample standard
        deviation of returns across symbols (at least two); `average_correlation` of returns over
        the last 60 bars (see `correlation.average_correlation`). Null where it is not defined.

    Notes
    -----
    Look-ahead: a row depends on bars up to its `ts`.
    """
    times, returns = _returns(bars)
    known = np.isfinite(returns)
    taking_part = known.sum(axis=1)
    mean = _share(np.where(known, returns, 0.0).sum(axis=1), taking_part)
    spread = np.where(known, returns - mean[:, None], 0.0)
    columns = {
        "equal_weight_return": mean,
        "breadth": _share((known & (returns > 0)).sum(axis=1), taking_part),
        "dispersion": np.sqrt(_share((spread * spread).sum(axis=1), taking_part - 1)),
        "average_correlation": average_correlation(returns, CORRELATION_BARS),
    }
    return pl.DataFrame({"ts": times, **columns}, schema=SCHEMA).with_columns(
        pl.col(*columns).fill_nan(None)
    )


def _returns(bars: pl.DataFrame) -> tuple[pl.Series, NDArray[np.float64]]:
    """Return all times, and returns of shape (times, symbols) with NaN for none."""
    times = bars["ts"].unique().sort()
    symbols = bars["symbol"].unique().sort()
    close = np.full((len(times), len(symbols)), np.nan)
    rows = times.search_sorted(bars["ts"]).to_numpy()
    columns = symbols.search_sorted(bars["symbol"]).to_numpy()
    close[rows, columns] = bars["close"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    close[~(np.isfinite(close) & (close > 0))] = np.nan
    returns = np.full_like(close, np.nan)
    returns[1:] = close[1:] / close[:-1] - 1.0
    return times, returns


def _share(part: NDArray[np.generic], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    share = np.full(len(whole), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share
