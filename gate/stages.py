"""The stages of a strategy, and which step leads where."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """How far a strategy has come."""

    DRYRUN = "dryrun"
    PAPER = "paper"
    LIVE = "live"


PROMOTION: dict[Stage, Stage] = {Stage.PAPER: Stage.DRYRUN, Stage.LIVE: Stage.PAPER}
"""Where a strategy must stand before it may be promoted to the stage that is the key."""
