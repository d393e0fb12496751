"""How well a market is known again on real bars, and how often two are taken for one.

Draws sets of symbols from American and Chinese shares (`../shared/data`), changes each in every way
below, and counts in how many draws the changed set is like the one it was made of; then compares
sets that have no symbol in common, within a market and between the two. Prints a table, or JSON.

    .venv/bin/python scripts/bench/likeness.py [--draws N] [--sets N] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from storage.seals.likeness import Sketch, alike, sketch  # noqa: E402
from tests.changed_markets import (  # noqa: E402
    CHANGES,
    by,
    close,
    later,
    noisy,
    on,
    then,
    without,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = ROOT.parent / "shared" / "data"
SIZES = (1, 3, 20)
C = pl.col("close")
OWN_NAMES = {"fewer symbols", "the first half"}
"""Changes that are written for made-up bars alone."""


def backwards(bars: pl.DataFrame) -> pl.DataFrame:
    return bars.sort("symbol", "ts").with_columns(C.reverse().over("symbol"))


def crowd(count: int) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Mix in so many symbols of chance, as long as the others."""

    def mixed(bars: pl.DataFrame) -> pl.DataFrame:
        rng = np.random.default_rng(5)
        days = bars["ts"].unique().sort()
        junk = [
            pl.DataFrame({"symbol": f"J{n}", "ts": days,
                          "close": 40 * np.exp(np.cumsum(rng.normal(0, 0.02, len(days))))})
            for n in range(count)
        ]  # fmt: skip
        return pl.concat([bars.select("symbol", "ts", C.cast(pl.Float64)), *junk])

    return mixed


def mixed_into_one(bars: pl.DataFrame) -> pl.DataFrame:
    """The mean of all that there is, as one symbol."""
    return bars.group_by("ts").agg(symbol=pl.lit("M").first(), close=C.mean()).sort("ts")


HARDER: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "reversed in time": backwards,
    "noise of 5e-3": noisy(5e-3),
    "noise of 1e-2": noisy(1e-2),
    "noise of 3e-2": noisy(3e-2),
    "rounded to whole": close(C.round(0)),
    "returns in the fourth place": noisy(1e-4),
    "logarithm, scaled": close(C.log() * 25 + 100),
    "Mondays": on(1),
    "Wednesdays": on(3),
    "every second left out": without(0, 2),
    "every second, 3 days later": then(without(0, 2), later(3)),
    "monthly, 28 days later": then(by("1mo"), later(28)),
    "weekly, inverse, rounded": then(by("1w"), close((1_000 / C).round(2))),
    "20 symbols of chance": crowd(20),
    "200 symbols of chance": crowd(200),
    "the mean of all as one": mixed_into_one,
}


def american() -> pl.DataFrame:
    raw = pl.read_parquet(DATA / "sp500_daily.parquet").rename({"Name": "symbol"})
    return _tidy(raw)


def chinese() -> pl.DataFrame:
    prices = pl.col("open", "high", "low", "close").cast(pl.Float64)
    raw = pl.read_parquet(DATA / "ashare_daily.parquet")
    return _tidy(raw.with_columns(pl.col("symbol").cast(pl.String), prices))


def _tidy(raw: pl.DataFrame) -> pl.DataFrame:
    ends = pl.col("date").cast(pl.Datetime("us")).dt.offset_by("21h").dt.replace_time_zone("UTC")
    return (
        raw.select("symbol", ends.alias("ts"), "open", "high", "low", "close")
        .drop_nulls().filter(C > 0).sort("symbol", "ts")
    )  # fmt: skip


def draws(bars: pl.DataFrame, size: int, count: int) -> list[pl.DataFrame]:
    """Sets of so many symbols each, no symbol twice."""
    names = np.random.default_rng(size).permutation(bars["symbol"].unique().sort().to_list())
    parts = [names[size * n : size * (n + 1)] for n in range(count)]
    return [bars.filter(pl.col("symbol").is_in(list(part))) for part in parts if len(part) == size]


def found(markets: dict[str, pl.DataFrame], count: int) -> list[dict[str, Any]]:
    """In how many draws each change leaves a market known, by its size."""
    changes = {name: change for name, change in CHANGES.items() if name not in OWN_NAMES} | HARDER
    sets = {
        f"{market} {size}": [(part, sketch(part)) for part in draws(bars, size, count)]
        for (market, bars), size in product(markets.items(), SIZES)
    }
    return [
        {"change": name} | {
            kind: float(np.mean([alike(known, sketch(change(part))) for part, known in parts]))
            for kind, parts in sets.items()
        }
        for name, change in changes.items()
    ]  # fmt: skip


def confused(markets: dict[str, pl.DataFrame], count: int) -> list[dict[str, Any]]:
    """How many pairs of sets without a symbol in common are taken for one market."""
    told = []
    for size in SIZES:
        sets = {
            market: [sketch(part) for part in draws(bars, size, count)]
            for market, bars in markets.items()
        }
        pairs: dict[str, list[tuple[Sketch, Sketch]]] = {
            market: list(combinations(each, 2)) for market, each in sets.items()
        }
        pairs["one of each"] = list(product(*sets.values()))
        for kind, each in pairs.items():
            taken = sum(alike(one, other) for one, other in each)
            told.append({"sets": f"{kind} {size}", "pairs": len(each), "taken for one": taken})
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5, help="sets for each change and size")
    parser.add_argument("--sets", type=int, default=16, help="sets of each size that are compared")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print(f"skipped: the bars are not at {DATA}", file=sys.stderr)
        return
    markets = {"american": american(), "chinese": chinese()}
    told = {"found": found(markets, arguments.draws), "confused": confused(markets, arguments.sets)}
    if arguments.json:
        print(json.dumps(told, indent=2))
        return
    with pl.Config(tbl_rows=-1, tbl_cols=-1, fmt_str_lengths=40, tbl_hide_dataframe_shape=True):
        print(pl.DataFrame(told["found"]), pl.DataFrame(told["confused"]), sep="\n")


if __name__ == "__main__":
    main()
