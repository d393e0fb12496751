"""A run in sentences: what was tried, what came of it, and how far that is from luck. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.explain.book import Book
from agent.explain.chapters.drawdown import tell_drawdown
from agent.explain.chapters.findings import tell_findings
from agent.explain.chapters.health import tell_health
from agent.explain.chapters.result import tell_costs, tell_result
from agent.explain.chapters.signal import tell_signal
from agent.explain.chapters.trial import tell_trial
from agent.explain.prose.text import Explanation, explain, sections_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.explain.rows import RunRows


CHAPTERS: Final[tuple[tuple[str, Callable[[RunRows, Book], list[str]]], ...]] = (
    ("What was tried", tell_trial),
    ("What came of it", tell_result),
    ("What it cost", tell_costs),
    ("The worst fall", tell_drawdown),
    ("The signal", tell_signal),
    ("Patterns", tell_findings),
    ("The data", tell_health),
)
"""Titles, and what writes the sentences under them; a chapter without sentences is left out."""


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
