"""A run in sentences: what was tried, what came of it, and how far that is from luck. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.explain.book import Book
from agent.explain.chapters import CHAPTERS
from agent.explain.text import Explanation, explain, sections_of

if TYPE_CHECKING:
    from agent.explain.rows import RunRows


def explain_run(rows: RunRows) -> Explanation:
    """Explain a run from its rows alone.

    Parameters
    ----------
    rows
        The run's rows of the warehouse; tables that are empty are said to be.

    Returns
    -------
    Explanation
        In English; every value carries the row or rows that it was read from.

    Notes
    -----
    Look-ahead: it looks at the whole run: for judging, not for trading.
    """
    book = Book(zone=rows.run["zone"], frequency=rows.run["frequency"])
    pairs = [(title, chapter(rows, book)) for title, chapter in CHAPTERS]
    return explain(f"run {rows.run['run_id']}", sections_of(pairs), book)
