"""What came of a run, whether luck could have done it, and what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agent.explain.book import column_of
from tasks.report.verdict.estimate import CRITICAL, estimate_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from agent.explain.book import Book
    from agent.explain.rows import Row, RunRows

LUCK = "not distinguishable from luck"


def metric(rows: RunRows, book: Book, name: str, unit: str | None = None) -> float | None:
    """Enter a metric as ``run.<name>``; None where the run has none of that name or value."""
    row = rows.metrics.get(name)
    if row is None or row["value"] is None:
        return None
    return float(book.read(f"run.{name}", row, "value", unit or row["unit"]))


def series(rows: Sequence[Row], column: str) -> NDArray[np.float64]:
    """Return a column of rows as float64; what is missing is NaN."""
    return np.array([np.nan if row[column] is None else row[column] for row in rows], np.float64)


def tell_result(rows: RunRows, book: Book) -> list[str]:
    """Say how the account grew, against the benchmark, against cash, and against luck."""
    growth = metric(rows, book, "annual_return")
    benchmark = metric(rows, book, "benchmark_annual_return")
    if growth is None or benchmark is None:
        return ["Nothing was traded, so there is no result."]
    return [
        (
            "After costs the account's annual return is {{run.annual_return}}; that of the "
            "benchmark, {{spec.benchmark}}, is {{run.benchmark_annual_return}}."
        ),
        *_sharpe(rows, book),
        *_excess(rows, book),
    ]


def _sharpe(rows: RunRows, book: Book) -> list[str]:
    sharpe = metric(rows, book, "sharpe")
    error = metric(rows, book, "sharpe_standard_error")
    if sharpe is None or not error:
        return ["The Sharpe ratio or its standard error is not defined for this run."]
    book.derive(
        "run.sharpe_t",
        abs(sharpe) / error,
        "standard errors",
        "|sharpe| / sharpe_standard_error",
        book.source("run.sharpe"),
        book.source("run.sharpe_standard_error"),
    )
    amount = (
        "The Sharpe ratio is {{run.sharpe}}, with a standard error of "
        "{{run.sharpe_standard_error}}: {{run.sharpe_t}} away from no skill, "
    )
    if abs(sharpe) / error < CRITICAL:
        return [f"{amount}{LUCK}."]
    return [f"{amount}more than chance alone brings in a single trial; in many trials it does."]


def _excess(rows: RunRows, book: Book) -> list[str]:
    """Hold the account against its benchmark, bar by bar."""
    years = metric(rows, book, "bars_a_year")
    if not rows.equity or years is None:
        return []
    difference = series(rows.equity, "net_return") - series(rows.equity, "benchmark_return")
    estimate = estimate_mean(difference)
    if estimate is None:
        return ["The account never differed from its benchmark."]
    equity = {"run_id": rows.run["run_id"]}
    both = [column_of(rows.equity, name, **equity) for name in ("net_return", "benchmark_return")]
    yearly = book.source("run.bars_a_year")
    mean = "mean(net_return - benchmark_return) * bars_a_year"
    book.derive("run.excess", estimate.value * years, "fraction", mean, *both, yearly)
    book.derive(
        "run.excess_error",
        estimate.error * years,
        "fraction",
        f"Newey-West standard error of {mean}",
        *both,
        yearly,
    )
    amount = (
        "The mean return above the benchmark is {{run.excess}} a year, with a standard error of "
        "{{run.excess_error}}"
    )
    if not estimate.distinguishable:
        return [f"{amount}: {LUCK}."]
    side = "ahead of" if estimate.value > 0 else "behind"
    return [f"{amount}: {side} the benchmark by more than chance alone brings in a single trial."]


def tell_costs(rows: RunRows, book: Book) -> list[str]:
    """Say what trading took."""
    cost = metric(rows, book, "annual_cost", "percent2")
    turnover = metric(rows, book, "annual_turnover", "times")
    if cost is None or turnover is None:
        return []
    sentences = [
        (
            "The account was turned over {{run.annual_turnover}} a year (bought and sold), which "
            "cost {{run.annual_cost}} of it a year."
        )
    ]
    if metric(rows, book, "total_cost") is not None:
        sentences[0] = sentences[0][:-1] + ", {{run.total_cost}} in all."
    years = metric(rows, book, "bars_a_year")
    if rows.equity and years:
        gross = series(rows.equity, "gross_return")
        yearly = float(np.prod(1 + gross[np.isfinite(gross)]) ** (years / len(gross)) - 1)
        book.derive(
            "run.gross_annual_return",
            yearly,
            "fraction",
            "product(1 + gross_return) ** (bars_a_year / bars) - 1",
            column_of(rows.equity, "gross_return", run_id=rows.run["run_id"]),
            book.source("run.bars_a_year"),
        )
        sentences.append("Before costs the annual return is {{run.gross_annual_return}}.")
    return [*sentences, *_short(rows, book)]


def _short(rows: RunRows, book: Book) -> list[str]:
    """Say on how many bars the rule had nothing to choose from."""
    if not metric(rows, book, "short_bars", "count") or metric(rows, book, "bars", "count") is None:
        return []
    return [
        (
            "On {{run.short_bars}} of {{run.bars}} bars too few symbols could be ranked: what was "
            "held was sold there without a replacement, and bought back later."
        )
    ]
