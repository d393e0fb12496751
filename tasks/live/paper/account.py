"""The paper account: published signals traded by qlib's executor on the bars that came later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.backtest.simulation import run_backtest
from taskspecs.frequencies import FREQUENCIES

if TYPE_CHECKING:
    from datetime import datetime

    from tasks.backtest.result import BacktestResult
    from taskspecs.schema import TaskSpec

STEP = {name: bars.longest or bars.distance for name, bars in FREQUENCIES.items()}
"""The longest distance between two bars, of each frequency."""


def trade(
    bars: pl.DataFrame, scores: pl.DataFrame, spec: TaskSpec, patterns: pl.DataFrame | None
) -> BacktestResult | None:
    """Trade scores on bars, from the first of them on; None before the first bar to deal at.

    Notes
    -----
    Look-ahead: as :func:`tasks.backtest.simulation.run_backtest`.
    """
    rules = spec.backtest.model_copy(update={"start": None, "end": None})
    first = scores["ts"].min()
    later = bars.filter(pl.col("ts") > first)["ts"].n_unique() if first is not None else 0
    if later < rules.trade_delay_bars:
        return None
    return run_backtest(
        bars,
        scores,
        rules,
        frequency=spec.frequency,
        zone=spec.data.zone,
        patterns=patterns,
        as_is=True,
    )


def targets(
    bars: pl.DataFrame, scores: pl.DataFrame, spec: TaskSpec, patterns: pl.DataFrame | None
) -> pl.DataFrame:
    """Return what the account would hold after the newest signal was dealt at the last prices.

    Returns
    -------
    polars.DataFrame
        ``symbol``, ``weight`` (of the account), sorted by symbol; what is not in it is not held.

    Notes
    -----
    Look-ahead: none: the bars of the deal are the last bars, repeated.
    """
    ahead = [
        _repeated(bars, spec, number) for number in range(1, spec.backtest.trade_delay_bars + 1)
    ]
    result = trade(pl.concat([bars, *ahead]), scores, spec, patterns)
    if result is None or result.positions.is_empty():
        return pl.DataFrame(schema={"symbol": pl.String, "weight": pl.Float64})
    last = result.equity["ts"].max()
    return result.positions.filter(pl.col("ts") == last).select("symbol", "weight").sort("symbol")


def as_they_came(bars: pl.DataFrame, quotes: pl.DataFrame) -> pl.DataFrame:
    """Put the prices of bars back to what was seen when they were the newest."""
    names = [name for name in quotes.columns if name not in {"symbol", "ts"}]
    return bars.update(
        quotes.select("symbol", "ts", *(pl.col(n).cast(bars.schema[n]) for n in names)),
        on=["symbol", "ts"], how="left",
    ).sort("symbol", "ts")  # fmt: skip


def total_return(result: BacktestResult | None, account: float) -> float:
    """Return what an account gained, as a share of it; zero before it could deal."""
    return 0.0 if result is None else float(result.equity["account"][-1]) / account - 1.0


def _repeated(bars: pl.DataFrame, spec: TaskSpec, number: int) -> pl.DataFrame:
    newest: datetime = bars["ts"].max()  # type: ignore[assignment]
    moment = newest + number * STEP[spec.frequency]
    last = bars.filter(pl.col("ts") == newest)
    columns = [pl.lit(moment).cast(bars.schema["ts"]).alias("ts")]
    if "known_at" in bars.columns:
        columns.append(pl.lit(moment).cast(bars.schema["known_at"]).alias("known_at"))
    return last.with_columns(*columns, open=pl.col("close"))
