"""A table of named columns, nothing interpreted yet but its headings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tasks.ingest.health import Finding
    from tasks.ingest.understanding import Understood
    from taskspecs.frequencies import Frequency


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and named columns.

    Parameters
    ----------
    name
        The file's own name, for messages.
    schema
        Headings and the types in which they are stored; all text in a CSV.
    delimiter
        What stands between a text's cells; None where cells are stored apart.
    first_line
        The line (from 1) of the first row.
    lines
        The line of each row where they do not simply follow one another.
    symbol, symbol_how
        The one symbol of the table, where a name or a line above the headings says it, and which.
    frequency
        The distance between bars, where the file's name says it.
    price_unit
        What prices are to be multiplied by, where the shape says it.
    is_canonical
        Whether headings are canonical names already, so that a spec's names were used.
    understood, findings
        What was concluded, and what was left out, so far.
    """

    name: str
    schema: dict[str, pl.DataType]
    delimiter: str | None
    _cells: Path | pl.DataFrame = field(repr=False)
    first_line: int = 1
    lines: pl.Series | None = None
    symbol: str | None = None
    symbol_how: str = ""
    frequency: Frequency | None = None
    price_unit: float = 1.0
    is_canonical: bool = False
    understood: tuple[Understood, ...] = ()
    findings: tuple[Finding, ...] = ()

    def read(self, headings: Sequence[str]) -> pl.DataFrame:
        """Return some columns, all rows, in file order.

        Raises
        ------
        BadInput
            If the bytes turn out to be damaged.
        """
        if isinstance(self._cells, pl.DataFrame):
            return self._cells.select(headings)
        try:
            return pl.read_parquet(self._cells, columns=list(headings), glob=False)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise damaged(self.name, "Parquet", error) from error

    @property
    def frame(self) -> pl.DataFrame:
        """All columns."""
        return self.read(list(self.schema))

    def place(self, row: int, heading: str | None = None) -> Place:
        """Return where a row (from 0) stands: the line of a text, the row of what is none."""
        line = int(self.lines[row]) if self.lines is not None else row + self.first_line
        return Place(self.name, line=line, key=heading)


def damaged(name: str, kind: str, error: Exception) -> BadInput:
    """Return the error for bytes that begin as a kind of file and do not go on as one."""
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return BadInput(
        f"`{name}` is a damaged {kind} file: {reason}",
        hint="perhaps it was not downloaded whole; fetch it again",
    )
