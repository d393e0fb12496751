"""The book of values: what a text may say, and the rows that each value was read from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.explain.rows import plain
from agent.explain.units import write
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.explain.rows import Row


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value was read: a column of one row, or of many."""

    table: str
    key: dict[str, Any]
    column: str
    sha256: str
    rows: int = 1

    @property
    def identity(self) -> tuple[str, str]:
        """What citations are numbered by: the row, or the set of rows."""
        return self.table, self.sha256

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "table": self.table, "key": self.key, "column": self.column, "rows": self.rows,
            "sha256": self.sha256,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a text may name."""

    reference: str
    value: Any
    unit: str
    shown: str
    sources: tuple[Source, ...]
    formula: str = ""
    """How it was computed from its sources; empty where it stands in one of them."""


class Book:
    """Values by reference, as ``run.sharpe``.

    Parameters
    ----------
    zone, frequency
        In which times are written, and how finely.
    """

    def __init__(self, *, zone: str, frequency: str) -> None:
        self._zone = zone
        self._frequency = frequency
        self.values: dict[str, Value] = {}

    def read(
        self, reference: str, row: Row, column: str, unit: str = "text", *, path: Sequence[str] = ()
    ) -> Any:
        """Enter the value of a column; `path` leads into a column of JSON. Returns the value."""
        found = row[column]
        if path:
            found = json.loads(found) if isinstance(found, str) else found
            for name in path:
                found = found[name]
        where = ".".join((column, *path))
        self._enter(reference, found, unit, (Source(row.table, row.key, where, row.sha256),), "")
        return found

    def derive(self, reference: str, value: Any, unit: str, formula: str, *sources: Source) -> Any:
        """Enter a value that was computed. Returns it."""
        self._enter(reference, value, unit, sources, formula)
        return value

    def source(self, reference: str) -> Source:
        """Return where a value that was read stands."""
        return self.values[reference].sources[0]

    def _enter(
        self, reference: str, value: Any, unit: str, sources: tuple[Source, ...], formula: str
    ) -> None:
        shown = write(value, unit, zone=self._zone, frequency=self._frequency)
        self.values[reference] = Value(reference, plain(value), unit, shown, sources, formula)


def column_of(rows: Sequence[Row], column: str, **key: Any) -> Source:
    """Return a column of many rows as one source; its digest is that of the rows' digests.

    Parameters
    ----------
    key
        What selects the rows from the table.
    """
    return Source(rows[0].table, key, column, digest([row.sha256 for row in rows]), len(rows))
