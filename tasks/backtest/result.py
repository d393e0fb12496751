"""What a backtest hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """The frames of one backtest.

    Attributes
    ----------
    equity
        One row a bar: ``ts`` (Datetime us UTC, end of bar), ``account``, ``cash``,
        ``position_value`` (money), ``gross_return``, ``net_return``, ``benchmark_return``
        (fractions of one bar), ``turnover`` (traded value / account before), ``cost`` (fees and
        slippage / account before), ``drawdown`` (<= 0, against the highest account so far, the
        start included): Float64; ``holdings``: Int64.
    positions
        One row for each bar and symbol held at its end: ``ts``, ``symbol``, ``shares`` and
        ``price`` as traded (not adjusted), ``value`` (money), ``weight`` (of the account).
    trades
        One row for each order that was filled: ``ts``, ``symbol``, ``side`` (buy|sell),
        ``shares`` and ``price`` as traded, slippage included, ``value``, ``fee`` and
        ``slippage`` (money), ``participation`` (of the value traded on that bar, or null).
    metrics
        ``name``, ``value``, ``unit``, ``note``; see :mod:`tasks.backtest.figures.metrics`.
    by_year
        See :func:`tasks.backtest.figures.yearly.by_year`.
    """

    equity: pl.DataFrame
    positions: pl.DataFrame
    trades: pl.DataFrame
    metrics: pl.DataFrame
    by_year: pl.DataFrame
