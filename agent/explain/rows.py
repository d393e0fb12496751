"""Rows of the warehouse, each with the key that finds it again and a digest of its content."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "runs": ("run_id",),
    "metrics": ("run_id", "name"),
    "equity": ("run_id", "ts"),
    "ic": ("run_id", "ts"),
    "market": ("run_id", "ts"),
    "patterns": ("run_id", "pattern_id"),
    "withheld_patterns": ("run_id", "pattern_id"),
    "health": ("run_id", "rule", "action"),
    "ledger": ("seq",),
    "pattern_feedback": ("pattern_id", "feedback_id"),
    "calibration_cards": ("run_id", "card_id"),
}
"""What tells the rows of each table apart."""


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    table: str
    content: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        """Return a value by its column."""
        return self.content[column]

    @cached_property
    def key(self) -> dict[str, Any]:
        """The columns that tell this row from others."""
        return {name: plain(self.content[name]) for name in KEYS[self.table]}

    @cached_property
    def sha256(self) -> str:
        """Digest of the row's whole content, in hex; equal rows have equal digests anywhere."""
        return digest({name: plain(value) for name, value in self.content.items()})


def plain(value: Any) -> Any:
    """Write a value as JSON has it; times in ISO form, UTC, numbers that are none as null."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def as_rows(table: str, contents: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Return rows of one table."""
    return tuple(Row(table, content) for content in contents)


@dataclass(frozen=True)
class RunRows:
    """All that is read of a run. Series are in the order of time."""

    run: Row
    metrics: Mapping[str, Row] = field(default_factory=dict)
    equity: tuple[Row, ...] = ()
    ic: tuple[Row, ...] = ()
    patterns: tuple[Row, ...] = ()
    cards: tuple[Row, ...] = ()
    """Of the detectors."""
    health: tuple[Row, ...] = ()
    trials: tuple[Row, ...] = ()
    """Entries of the ledger: every run that was tried on the same data."""


@dataclass(frozen=True)
class PatternRows:
    """All that is read of a pattern."""

    run: Row
    """The newest run that has it."""
    pattern: Row
    twins: tuple[Row, ...] = ()
    """The same pattern in other runs."""
    others: tuple[Row, ...] = ()
    """The other patterns of the run."""
    market: tuple[Row, ...] = ()
    """The market's bars up to the pattern, the newest last."""
    equity: Row | None = None
    """What the strategy's account was at that bar."""
    feedback: tuple[Row, ...] = ()
    card: Row | None = None
    """How often the detector is wrong on the data of this run."""
