"""CSV and Parquet files as tables of cells, nothing interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, Failed, Place
from tasks.ingest import delimited

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PARQUET = b"PAR1"
_OTHERS = {
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"ARROW1": "an Arrow (Feather) file",
    b"\x89HDF": "an HDF5 file",
    b"SQLite": "an SQLite database",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"%PDF": "a PDF",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows and named columns.

    Parameters
    ----------
    name
        The file's own name, for messages.
    schema
        Headings and the types in which they are stored; all text in a CSV.
    separator
        What stands between a CSV's cells; None for Parquet.
    """

    name: str
    schema: dict[str, pl.DataType]
    separator: str | None
    _cells: Path | pl.DataFrame = field(repr=False)

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
            raise _damaged(self.name, error) from error

    def place(self, row: int, heading: str | None = None) -> Place:
        """Return where a row (from 0) stands: the line of a CSV, whose first holds headings."""
        line = row + 2 if self.separator else row + 1
        return Place(self.name, line=line, key=heading)


def load(path: Path, name: str) -> Table:
    """Open a CSV (plain or gzipped; UTF-8, UTF-16 or GB18030) or a Parquet file.

    What the file is, is told by its bytes, not by its name.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.

    Raises
    ------
    BadInput
        If it is something else, damaged, or has no rows.
    Failed
        If it cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
        if head.startswith(_PARQUET):
            table = _parquet(path, name)
        else:
            _refuse_others(head, name)
            frame, separator = delimited.read(path.read_bytes(), name)
            table = Table(name, dict(frame.schema), separator, frame)
    except OSError as error:
        raise Failed(f"`{path}` cannot be read: {error}") from error
    return table


def _refuse_others(head: bytes, name: str) -> None:
    kind = next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), None)
    if kind:
        raise BadInput(f"`{name}` is {kind}", hint="export it as CSV or Parquet")
    if name.lower().endswith((".parquet", ".pq")):
        raise BadInput(
            f"`{name}` is no Parquet file: it does not begin as one",
            hint="perhaps it was not downloaded whole",
        )


def _parquet(path: Path, name: str) -> Table:
    try:
        schema = dict(pl.read_parquet_schema(path))
        rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _damaged(name, error) from error
    if not rows:
        raise BadInput(f"`{name}` has columns but no rows")
    return Table(name, schema, None, path)


def _damaged(name: str, error: Exception) -> BadInput:
    reason = str(error).splitlines()[0][:200]
    return BadInput(
        f"`{name}` is a damaged Parquet file: {reason}",
        hint="perhaps it was not downloaded whole; fetch it again",
    )
