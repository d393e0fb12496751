"""The time stamps of bars, from one column or from a date beside a time of day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.ingest.files.cellkinds import kind
from tasks.ingest.headings.headings import FIELD_OF, TIMES, plain
from tasks.ingest.times import texts as timetexts
from tasks.ingest.times.times import Times, times

if TYPE_CHECKING:
    from tasks.ingest.files.tables import Table
    from tasks.ingest.headings.columns import Columns

_LOOKED_AT, _ENOUGH = 60, 3
_MIDNIGHT = datetime(2000, 1, 1)  # noqa: DTZ001 - of a time of day, which has no zone
_FULL = r"^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[T\s]"


@dataclass(frozen=True, slots=True)
class Stamps:
    """A file's time stamps as written.

    Parameters
    ----------
    times
        One for each row, null where the cell is empty.
    role
        `open_time` or `close_time` where the heading says what is stamped, else `date`.
    heading
        The column, or the two, that they were read from.
    """

    times: Times
    role: str
    heading: str


def temporal(table: Table) -> list[str]:
    """Return the headings of columns that hold times: by type; where no heading says so, by cells.

    Of digits, only those that are seconds since 1970, or parts of them, and rise or fall.
    """
    typed = [heading for heading, dtype in table.schema.items() if dtype.is_temporal()]
    if typed or any(FIELD_OF.get(plain(heading)) in TIMES for heading in table.schema):
        return typed
    texts = [heading for heading, dtype in table.schema.items() if dtype == pl.String]
    return [h for h in texts if _holds_times(table.read([h]).to_series().head(_LOOKED_AT))]


def _holds_times(column: pl.Series) -> bool:
    cells = [cell.strip() for cell in column.drop_nulls() if cell.strip()]
    if len(cells) < _ENOUGH:
        return False
    if all(kind(cell) == "time" and not cell.isdigit() for cell in cells):
        return True
    if not all(re.fullmatch(r"1\d{9}(?:\d{3}|\d{6}|\d{9})?", cell) for cell in cells):
        return False
    steps = [int(b) - int(a) for a, b in pairwise(cells)]
    return all(step >= 0 for step in steps) or all(step <= 0 for step in steps)


def stamps(table: Table, columns: Columns, *, dayfirst: bool | None = None) -> Stamps:
    """Read the time stamps: the bars' ends if there is a column of them, else starts, else dates.

    Raises
    ------
    BadInput
        If a cell cannot be read as a time.
    """
    # A heading may be empty, as that of an index that was written without one.
    role = next(name for name in TIMES if columns.get(name) is not None)
    heading = columns.headings[role]
    read = times(table, heading, dayfirst=dayfirst)
    clock = columns.get("time")
    if role != "date" or clock is None or read.kind != "date":
        return Stamps(read, role, heading)
    written = table.read([clock]).to_series()
    if written.dtype == pl.String and written.drop_nulls().str.contains(_FULL).all():
        return Stamps(times(table, clock, dayfirst=dayfirst), role, clock)
    since_midnight = _time_of_day(table, clock)
    if not (since_midnight > timedelta(0)).any():
        return Stamps(read, role, heading)
    wall = (read.wall.to_frame("day").select(pl.col("day") + since_midnight)).to_series()
    joined = replace(read, kind="local", wall=wall, utc=wall)
    return Stamps(joined, role, f"{heading} + {clock}")


def _time_of_day(table: Table, heading: str) -> pl.Series:
    """Return Duration since midnight; a time of day is 09:30, 09:30:00, 0930 or 93000."""
    column = table.read([heading]).to_series().rename("cell")
    if column.dtype == pl.Time:
        return column.cast(pl.Duration("us"))
    text = column.cast(pl.String).str.strip_chars().str.replace(r"\.0+$", "")
    digits = text.drop_nulls().str.contains(r"^\d{1,6}$")
    if digits.all():
        number = pl.col("cell").cast(pl.Int64)
        has_seconds = (pl.col("cell").str.len_chars() > 4) | (number >= 2400)
        is_long = text.drop_nulls().to_frame().select(has_seconds.any()).item()
        text = text.str.zfill(6) if is_long else text.str.zfill(4) + "00"
        text = text.str.replace(r"^(\d\d)(\d\d)(\d\d)$", "${1}:${2}:${3}")
    read = timetexts.read("2000-01-01 " + text).wall
    bad = (text.is_not_null() & read.is_null()).arg_true().head(1)
    if len(bad):
        raise BadInput(
            f"`{column[bad[0]]}` cannot be read as a time of day",
            place=table.place(bad[0], heading),
            hint="understood are 09:30, 09:30:00, 0930 and 93000",
        )
    return (read - _MIDNIGHT).cast(pl.Duration("us"))
