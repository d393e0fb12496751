"""Why an account fell in a year: what the rows show of that fall, and what they cannot. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from agent.explain.book import Book, column_of
from agent.explain.chapters.drawdown import tell_drawdown, worst_fall
from agent.explain.chapters.findings import tell_coincidence
from agent.explain.chapters.result import series
from agent.explain.prose.text import Explanation, explain, sections_of

if TYPE_CHECKING:
    from agent.explain.chapters.drawdown import Fall
    from agent.explain.rows import RunRows

WORST_BARS: Final = 3
CAUSE: Final = (
    "These are what went together with the fall. That they brought it about, rows cannot say."
)


def explain_fall(rows: RunRows, year: int | None = None) -> Explanation:
    """Explain the worst fall whose trough lies in a year.

    Parameters
    ----------
    year
        Calendar year, UTC; None for the worst of all.

    Returns
    -------
    Explanation
        In English; every value carries the row or rows that it was read from.

    Notes
    -----
    Look-ahead: it looks at the whole run: for judging, not for trading.
    """
    book = Book(zone=rows.run["zone"], frequency=rows.run["frequency"])
    book.read("run.run_id", rows.run, "run_id")
    book.read("run.name", rows.run, "name")
    fall = worst_fall(rows.equity, year) if rows.equity else None
    pairs = [
        ("What is told", ["Run {{run.run_id}} of the study {{run.name}}."]),
        ("The fall", tell_drawdown(rows, book, year)),
    ]
    if fall is not None:
        pairs += [
            ("How it came about", _course(rows, book, fall)),
            ("Patterns", tell_coincidence(rows, book, year)),
            ("What this does not say", [CAUSE]),
        ]
    when = f" {year}" if year else ""
    return explain(f"drawdown {rows.run['run_id']}{when}", sections_of(pairs), book)


def _course(rows: RunRows, book: Book, fall: Fall) -> list[str]:
    """Tell the bars at which most was lost, and what costs took."""
    during = rows.equity[fall.peak + 1 : fall.trough + 1]
    if not during:
        return []
    returns = series(during, "net_return")
    sentences = ["The bars at which most was lost:"]
    for number, place in enumerate(np.argsort(returns, kind="stable")[:WORST_BARS]):
        row = during[int(place)]
        if not returns[place] < 0:
            break
        book.read(f"worst[{number}].ts", row, "ts")
        book.read(f"worst[{number}].net_return", row, "net_return", "percent2")
        sentences.append(f"{{{{worst[{number}].net_return}}}} on {{{{worst[{number}].ts}}}}.")
    costs = series(during, "cost")
    if np.all(np.isfinite(costs)):
        source = column_of(
            during,
            "cost",
            run_id=rows.run["run_id"],
            after=rows.equity[fall.peak].key["ts"],
            to=rows.equity[fall.trough].key["ts"],
        )
        total = float(costs.sum())
        book.derive("drawdown.cost", total, "percent2", "sum of cost over the bars", source)
        sentences.append("Costs over these bars add up to {{drawdown.cost}}.")
    return sentences
