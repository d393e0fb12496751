"""Who is told how a run goes: the terminal, a log, or nobody."""

from __future__ import annotations

from typing import Protocol


class Reporter(Protocol):
    """Hears of a run's stages; it cannot stop or change them."""

    def stage_started(self, stage: str) -> None:
        """A stage begins to compute."""

    def stage_progress(self, stage: str, fraction: float) -> None:
        """A part of a stage, between 0 and 1, is done."""

    def stage_note(self, stage: str, note: str) -> None:
        """Something about a stage that a person would want to know."""

    def stage_done(self, stage: str, seconds: float, rows: int) -> None:
        """A stage is committed."""

    def waiting(self, what: str) -> None:
        """Another process holds what this run needs."""


class Silent:
    """Tells nobody."""

    def stage_started(self, stage: str) -> None:
        """Say nothing."""

    def stage_progress(self, stage: str, fraction: float) -> None:
        """Say nothing."""

    def stage_note(self, stage: str, note: str) -> None:
        """Say nothing."""

    def stage_done(self, stage: str, seconds: float, rows: int) -> None:
        """Say nothing."""

    def waiting(self, what: str) -> None:
        """Say nothing."""
