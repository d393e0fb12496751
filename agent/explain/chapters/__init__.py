"""The chapters of a run's explanation, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.explain.chapters.drawdown import tell_drawdown
from agent.explain.chapters.findings import tell_findings
from agent.explain.chapters.health import tell_health
from agent.explain.chapters.result import tell_costs, tell_result
from agent.explain.chapters.signal import tell_signal
from agent.explain.chapters.trial import tell_trial

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.explain.book import Book
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
