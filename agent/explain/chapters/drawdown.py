"""The worst fall of the account: how deep, from when to when, and what the benchmark did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agent.explain.book import column_of
from agent.explain.chapters.result import series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.explain.book import Book
    from agent.explain.rows import Row, RunRows

HIGH = -1e-12
"""A drawdown above this is a new height, but for rounding."""


class Fall(NamedTuple):
    """Places of the rows of a fall; it begins at the height before it."""

    peak: int
    trough: int
    recovered: int | None


def worst_fall(equity: Sequence[Row], year: int | None = None) -> Fall | None:
    """Find the deepest fall, or the one that is deepest in a year; None where there is none.

    Where the first bar is already below the money at the start, that bar counts as the height.
    """
    depth = series(equity, "drawdown")
    within = np.array([year is None or row["ts"].year == year for row in equity])
    if not np.any((depth < HIGH) & within):
        return None
    trough = int(np.nanargmin(np.where(within, depth, np.inf)))
    heights = np.flatnonzero(depth[:trough] >= HIGH)
    later = np.flatnonzero(depth[trough:] >= HIGH)
    return Fall(
        int(heights[-1]) if len(heights) else 0,
        trough,
        trough + int(later[0]) if len(later) else None,
    )


def tell_drawdown(rows: RunRows, book: Book, year: int | None = None) -> list[str]:
    """Say how deep the account fell, in a year or at all, and when."""
    if not rows.equity:
        return []
    fall = worst_fall(rows.equity, year)
    if fall is None and year is not None:
        return ["In that year the account never stood below an earlier height, or was not traded."]
    if fall is None:
        return ["The account never stood below an earlier height."]
    peak, trough = rows.equity[fall.peak], rows.equity[fall.trough]
    book.read("drawdown.depth", trough, "drawdown", "fraction")
    book.read("drawdown.peak", peak, "ts")
    book.read("drawdown.trough", trough, "ts")
    return [
        f"The worst drawdown{' of that year' if year else ''} is "
        "{{drawdown.depth}}, from {{drawdown.peak}} to {{drawdown.trough}}; "
        + _end(rows, book, fall),
        *_benchmark(rows, book, fall),
    ]


def _end(rows: RunRows, book: Book, fall: Fall) -> str:
    if fall.recovered is None:
        book.read("drawdown.last", rows.equity[-1], "ts")
        return "it was not made good by {{drawdown.last}}, the last bar."
    book.read("drawdown.recovered", rows.equity[fall.recovered], "ts")
    return "it was made good by {{drawdown.recovered}}."


def _benchmark(rows: RunRows, book: Book, fall: Fall) -> list[str]:
    during = rows.equity[fall.peak + 1 : fall.trough + 1]
    returns = series(during, "benchmark_return")
    if not during or not np.all(np.isfinite(returns)):
        return []
    book.derive(
        "drawdown.benchmark",
        float(np.prod(1 + returns) - 1),
        "fraction",
        "product(1 + benchmark_return) - 1 over the bars of the fall",
        column_of(
            during,
            "benchmark_return",
            run_id=rows.run["run_id"],
            after=rows.equity[fall.peak].key["ts"],
            to=rows.equity[fall.trough].key["ts"],
        ),
    )
    return ["Over the same bars the benchmark's return was {{drawdown.benchmark}}."]
