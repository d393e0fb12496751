"""A simulator's journal as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tasks.backtest.costs.charges import BPS, price_bps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.backtest.journal import Journal
    from tasks.backtest.problem import Problem


def trades_frame(journal: Journal, problem: Problem) -> pl.DataFrame:
    """Return every fill: prices and shares as traded, slippage in money.

    Parameters
    ----------
    journal
        What was played, by either engine.
    problem
        What was to be played.

    Returns
    -------
    polars.DataFrame
        ``ts, symbol, side, shares, price, value, fee, slippage, participation`` (part of the value
        traded on that bar, null where its volume is unknown), sells before buys at one time, as
        they were dealt.

    Notes
    -----
    Look-ahead: a row at `ts` depends on fills of that bar.
    """
    rate = _slippage_rate(journal.fills, problem)
    paid = pl.when("bought").then(rate / (1 + rate)).otherwise(rate / (1 - rate))
    return _as_traded(journal.fills, problem).select(
        "ts",
        "symbol",
        pl.when("bought").then(pl.lit("buy")).otherwise(pl.lit("sell")).alias("side"),
        "shares",
        "price",
        "value",
        "fee",
        (pl.col("value") * paid).alias("slippage"),
        (pl.col("value") / _traded_value(journal.fills, problem)).alias("participation"),
    )


def _slippage_rate(fills: pl.DataFrame, problem: Problem) -> pl.Series:
    """Return by which part the price of each fill is worse than its bar's."""
    market = problem.market
    at = (fills["row"].to_numpy(), fills["column"].to_numpy())
    worse = np.broadcast_to(price_bps(problem.spec.costs, market), market.deal.shape)
    return pl.Series(worse[at] / BPS, dtype=pl.Float64)


def _traded_value(fills: pl.DataFrame, problem: Problem) -> pl.Series:
    """Return the value that all the market traded on the bar of each fill; null where unknown."""
    market = problem.market
    at = (fills["row"].to_numpy(), fills["column"].to_numpy())
    value = pl.Series(market.volume[at] * market.deal[at], dtype=pl.Float64)
    return value.set(~(value > 0).fill_null(value=False) | value.is_nan(), None)


def positions_frame(journal: Journal, problem: Problem) -> pl.DataFrame:
    """Return what is held at the end of each bar.

    Parameters
    ----------
    journal
        What was played, by either engine.
    problem
        What was to be played.

    Returns
    -------
    polars.DataFrame
        ``ts, symbol, shares, price, value, weight``, sorted by ``ts`` and ``symbol``.

    Notes
    -----
    Look-ahead: a row at `ts` depends on fills up to that bar.
    """
    account = pl.DataFrame({"account": journal.account}).with_row_index("row", problem.first)
    held = journal.holdings
    return (
        _as_traded(held.with_columns(value=pl.col("amount") * pl.col("price")), problem)
        .join(account, on="row", how="left", maintain_order="left")
        .select(
            "ts", "symbol", "shares", "price", "value", weight=pl.col("value") / pl.col("account")
        )
    )


def equity_frame(
    journal: Journal, problem: Problem, trades: pl.DataFrame, benchmark: NDArray[np.float64]
) -> pl.DataFrame:
    """Return the account bar by bar.

    Parameters
    ----------
    journal
        What was played, by either engine.
    problem
        What was to be played.
    trades
        From :func:`trades_frame`.
    benchmark
        Its return at every step of the market.

    Returns
    -------
    polars.DataFrame
        See :class:`tasks.backtest.result.BacktestResult`.

    Notes
    -----
    Look-ahead: a row at `ts` depends on bars and fills up to `ts`.
    """
    traded = slice(problem.first, problem.last + 1)
    ts = problem.market.steps["ts"][traded]
    account = journal.account
    before = np.concatenate([[problem.spec.account], account[:-1]])
    peak = np.maximum.accumulate(np.concatenate([[problem.spec.account], account]))[1:]
    sums = _sums_by_bar(trades, ts)
    cost = (sums["fee"] + sums["slippage"]).to_numpy() / before
    net = account / before - 1
    held = journal.holdings["row"].cast(pl.Int64).to_numpy() - problem.first
    cash = journal.cash
    return pl.DataFrame(
        {
            "ts": ts,
            "account": account,
            "cash": cash,
            "position_value": account - cash,
            "gross_return": net + cost,
            "net_return": net,
            "benchmark_return": benchmark[traded],
            "turnover": sums["value"].to_numpy() / before,
            "cost": cost,
            "drawdown": account / peak - 1,
            "holdings": np.bincount(held, minlength=len(ts)).astype(np.int64),
        }
    )


def _as_traded(rows: pl.DataFrame, problem: Problem) -> pl.DataFrame:
    """Add ``ts`` and ``symbol``, and restore amounts and prices as they were traded."""
    market = problem.market
    factor = market.factor[rows["row"].to_numpy(), rows["column"].to_numpy()]
    return rows.with_columns(
        ts=market.steps["ts"].gather(rows["row"]),
        symbol=pl.Series(market.symbols, dtype=pl.String).gather(rows["column"]),
        shares=pl.col("amount") * pl.Series(factor),
        price=pl.col("price") / pl.Series(factor),
    )


def _sums_by_bar(trades: pl.DataFrame, ts: pl.Series) -> pl.DataFrame:
    """Add up money for each bar, in the order of the deals; 0 where nothing was traded."""
    names = ["value", "fee", "slippage"]
    place = pl.DataFrame({"ts": ts}).with_row_index("bar")
    at = trades.join(place, on="ts", how="left", maintain_order="left")["bar"].to_numpy()
    return pl.DataFrame(
        {name: np.bincount(at, trades[name].to_numpy(), minlength=len(ts)) for name in names}
    )
