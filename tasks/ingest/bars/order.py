"""Rows in the order of symbol and time, and a row's neighbours there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.health import Finding

if TYPE_CHECKING:
    from tasks.ingest.times.clock import Clock

KEY = ("symbol", "ts")


def arrange(rows: pl.DataFrame, clock: Clock) -> tuple[pl.DataFrame, list[Finding]]:
    """Sort by symbol, time and place in the file; count rows that came too late.

    Parameters
    ----------
    rows
        `row`: place in the file; `symbol`, `ts`.
    """
    by_symbol = rows.sort("symbol", "row") if not _is_grouped(rows) else rows
    late = by_symbol.filter(pl.col("ts") < previous("ts"))
    finding = Finding.of("unsorted", late, clock)
    if finding.count or by_symbol is not rows or not _symbols_ascend(rows):
        rows = by_symbol.sort(*KEY, "row")
    return rows, [finding]


def _is_grouped(rows: pl.DataFrame) -> bool:
    """Whether each symbol's rows stand together."""
    changes = rows.select((pl.col("symbol") != pl.col("symbol").shift(1)).sum()).item()
    return bool(changes == rows["symbol"].n_unique() - 1)


def _symbols_ascend(rows: pl.DataFrame) -> bool:
    return rows["symbol"].is_sorted()


def previous(column: str) -> pl.Expr:
    """Return a column's value one bar earlier; null on a symbol's first bar. Needs the order."""
    same = pl.col("symbol") == pl.col("symbol").shift(1)
    return pl.when(same).then(pl.col(column).shift(1))


def following(column: str) -> pl.Expr:
    """Return a column's value one bar later; null on a symbol's last bar. Needs the order.

    Notes
    -----
    Look-ahead: one bar. Only for what is reported about data, never for what enters a bar.
    """
    same = pl.col("symbol") == pl.col("symbol").shift(-1)
    return pl.when(same).then(pl.col(column).shift(-1))
