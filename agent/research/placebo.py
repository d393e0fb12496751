"""Placebo prices: the days of the real ones in shuffled blocks, so that nothing can be foretold."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from agent.research.steps import read_study
from configs.errors import BadInput

if TYPE_CHECKING:
    from agent.research.rules import Plain
    from configs.workspace import Workspace

BLOCK_BARS: Final = 20
"""Longer than most memory of daily returns; within a block it is kept."""
SEED: Final = 0
PRICES: Final = ("open", "high", "low", "close")


def shuffle(bars: pl.DataFrame, *, block_bars: int = BLOCK_BARS, seed: int = SEED) -> pl.DataFrame:
    """Put the times of bars in another order, block by block, for all symbols alike.

    Symbols keep their moves, and move together as they did; which move follows which is lost.

    Parameters
    ----------
    bars
        ``symbol, ts, open, high, low, close, volume``.

    Returns
    -------
    polars.DataFrame
        The same columns, on the same times, of symbols ``P001, P002, ...``; prices begin at 100.

    Examples
    --------
    >>> from datetime import date
    >>> days = pl.date_range(date(2020, 1, 1), date(2020, 1, 6), eager=True)
    >>> close = [10.0, 11.0, 11.0, 22.0, 22.0, 11.0]
    >>> bars = pl.DataFrame({"symbol": "A", "ts": days, "open": close, "high": close,
    ...                      "low": close, "close": close, "volume": 1.0})
    >>> made = shuffle(bars, block_bars=2)
    >>> made["symbol"].unique().to_list(), round(made["close"][-1] / 100, 9)
    (['P001'], 1.1)
    """
    times = bars["ts"].unique().sort()
    starts = np.arange(0, len(times), block_bars)
    order = np.random.default_rng(seed).permutation(len(starts))
    blocks = np.split(np.arange(len(times)), starts[1:])
    places = np.concatenate([blocks[number] for number in order])
    moved = pl.DataFrame({"ts": times.gather(places), "to": times})
    names = name_symbols(bars)
    before = pl.col("close").shift(1).over("symbol", order_by="ts").fill_null(pl.col("close"))
    ratios = bars.sort("symbol", "ts").with_columns(*(pl.col(p) / before for p in PRICES))
    placed = ratios.join(moved, on="ts").drop("ts").rename({"to": "ts"}).sort("symbol", "ts")
    level = 100 * pl.col("close").cum_prod().over("symbol")
    base = level / pl.col("close")
    return placed.select(
        pl.col("symbol").replace_strict(names), "ts", *(pl.col(p) * base for p in PRICES), "volume"
    )


def name_symbols(bars: pl.DataFrame) -> dict[str, str]:
    """Return symbol to its placebo's name."""
    symbols = bars["symbol"].unique().sort().to_list()
    return {symbol: f"P{number:03}" for number, symbol in enumerate(symbols, 1)}


def write_placebo(base: Plain, bars: pl.DataFrame, workspace: Workspace, path: str) -> Plain:
    """Write placebo prices, and return a study on them.

    Parameters
    ----------
    base
        The study on the real prices.
    bars
        Of its data; of a sealed source, the open ones.
    path
        Of the file, within the workspace.

    Raises
    ------
    BadInput
        If the study has groups of symbols, which the placebo's names would not fit.
    """
    if base.get("aggregation", {}).get("groups"):
        raise BadInput("a placebo has other symbols, and the study groups them by name")
    spec = read_study(base)
    file = workspace.inside(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".draft")
    shuffle(bars).write_parquet(fresh)
    fresh.replace(file)
    study = copy.deepcopy(base)
    study["name"] = f"{base['name']}_placebo"
    study["data"] = {
        "source": "file", "path": path, "timezone": spec.data.zone,
        "frequency": spec.data.frequency,
    }  # fmt: skip
    study.setdefault("gate", {})["propose"] = False
    held = spec.backtest.benchmark
    if held != "equal_weight":
        study["backtest"]["benchmark"] = name_symbols(bars)[held]
    return study
