"""Runs side by side in sentences: their figures, and whether these can be compared. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.explain.book import Book
from agent.explain.prose.naming import NAMES
from agent.explain.prose.text import Explanation, explain, sections_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.explain.rows import RunRows

FIGURES: Final = (
    "annual_return", "benchmark_annual_return", "annual_volatility", "sharpe",
    "sharpe_standard_error", "max_drawdown", "annual_turnover", "annual_cost",
)  # fmt: skip
SAME: Final = ("data_digest", "first_ts", "last_ts")
"""What two runs must share for their figures to be compared like with like."""


def explain_comparison(runs: Sequence[RunRows]) -> Explanation:
    """Explain how runs differ, from their rows alone.

    Returns
    -------
    Explanation
        In English; every value carries the row that it was read from.

    Notes
    -----
    Look-ahead: it looks at whole runs: for judging, not for trading.
    """
    book = Book(zone=runs[0].run["zone"], frequency=runs[0].run["frequency"])
    pairs = (
        ("What is compared", _who(runs, book)),
        ("Side by side", _figures(runs, book)),
        ("Whether they can be compared", _likeness(runs)),
    )
    ids = " ".join(rows.run["run_id"] for rows in runs)
    return explain(f"comparison {ids}", sections_of(pairs), book)


def _who(runs: Sequence[RunRows], book: Book) -> list[str]:
    sentences = []
    for number, rows in enumerate(runs):
        name = f"runs[{number}]"
        for column in ("run_id", "name", "source", "first_ts", "last_ts"):
            book.read(f"{name}.{column}", rows.run, column)
        sentences.append(
            f"Run {{{{{name}.run_id}}}} is the study {{{{{name}.name}}}} on {{{{{name}.source}}}}, "
            f"from {{{{{name}.first_ts}}}} to {{{{{name}.last_ts}}}}."
        )
    return sentences


def _figures(runs: Sequence[RunRows], book: Book) -> list[str]:
    """Tell the figures that all of them have."""
    sentences = []
    for figure in FIGURES:
        rows = [run.metrics.get(figure) for run in runs]
        known = [row for row in rows if row is not None and row["value"] is not None]
        if len(known) < len(runs):
            continue
        parts = []
        for number, row in enumerate(known):
            book.read(f"runs[{number}].{figure}", row, "value", row["unit"])
            parts.append(f"{{{{runs[{number}].{figure}}}}} for {{{{runs[{number}].run_id}}}}")
        name = NAMES[figure].english
        sentences.append(f"{name[0].upper()}{name[1:]}: {', '.join(parts)}.")
    return sentences


def _likeness(runs: Sequence[RunRows]) -> list[str]:
    first, *others = runs
    unlike = [column for column in SAME for run in others if run.run[column] != first.run[column]]
    if not unlike:
        return ["They saw the same data over the same bars: like is compared with like."]
    if "data_digest" in unlike:
        return ["They saw different data: their figures cannot be compared like with like."]
    return ["They cover different bars: their figures cannot be compared like with like."]
