"""Cells as times: dates, local times or instants, whatever they are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from configs.errors import BadInput
from tasks.ingest.cells.cells import MISSING
from tasks.ingest.times import epochs
from tasks.ingest.times import texts as timetexts

if TYPE_CHECKING:
    from configs.errors import Place
    from tasks.ingest.files.tables import Table

Kind = Literal["date", "local", "instant"]
FIRST_YEAR, LAST_YEAR = 1800, 2200
_MICRO = pl.Datetime("us")


@dataclass(frozen=True, slots=True)
class Times:
    """A column's times.

    Parameters
    ----------
    kind
        `date`: days; `local`: times that carry no zone; `instant`: times that do, or are epochs.
    wall
        Datetime("us") without zone: as written, in the zone that the column itself carries.
    utc
        The same in UTC where `kind` is `instant`, else equal to `wall`.
    how
        What they were written in.
    order_is_guessed
        Whether day and month were told apart by the data.
    zone
        The zone that the texts name, if they do.
    """

    kind: Kind
    wall: pl.Series
    utc: pl.Series
    how: str
    order_is_guessed: bool = False
    zone: str | None = None


def times(table: Table, heading: str, *, dayfirst: bool | None = None) -> Times:
    """Read a column as times; empty cells are null.

    Parameters
    ----------
    table
        The file.
    heading
        Which of its columns.
    dayfirst
        Whether the day stands before the month, where a spec says it.

    Raises
    ------
    BadInput
        If a cell is no time; the first such row and its value are named.
    """
    column = table.read([heading]).to_series()
    read = _read(column.rename("cell"), table, heading, dayfirst)
    years = read.wall.dt.year()
    _refuse_first(table, heading, column, (years < FIRST_YEAR) | (years > LAST_YEAR))
    midnight = read.wall.dt.truncate("1d") == read.wall
    if read.kind == "local" and midnight.all():
        return Times("date", read.wall, read.wall, read.how, read.order_is_guessed, read.zone)
    return read


def _read(column: pl.Series, table: Table, heading: str, dayfirst: bool | None) -> Times:
    dtype = column.dtype
    if dtype == pl.Date:
        wall = column.cast(_MICRO)
        return Times("date", wall, wall, "dates")
    if isinstance(dtype, pl.Datetime):
        wall = column.dt.replace_time_zone(None).cast(_MICRO)
        if dtype.time_zone is None:
            return Times("local", wall, wall, "times without a zone")
        utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(_MICRO)
        return Times("instant", wall, utc, f"times in {dtype.time_zone}")
    if dtype.is_numeric():
        values = column.cast(pl.Float64).fill_nan(None)
        exact = column.cast(pl.String) if dtype.is_integer() else None
        return _numbered(values, column, table, heading, exact=exact)
    if isinstance(dtype, (pl.String, pl.Categorical, pl.Enum)):
        return _texts(column.cast(pl.String).str.strip_chars(), table, heading, dayfirst)
    raise _unreadable(table.place(0, heading), column[0])


def _texts(column: pl.Series, table: Table, heading: str, dayfirst: bool | None) -> Times:
    text = column.to_frame().select(
        pl.when(pl.col("cell").str.to_lowercase().is_in(MISSING).not_()).then("cell").alias("cell")
    )["cell"]
    digits = text.drop_nulls().str.contains(epochs.WRITTEN)
    if digits.all():
        values = text.cast(pl.Float64, strict=False)
        if not _are_days_written_otherwise(text, values):
            return _numbered(values, column, table, heading, exact=text)
    read = timetexts.read(text, dayfirst=dayfirst)
    if read.unclear:
        raise BadInput(
            f"`{table.name}`: in the column `{heading}` nothing tells day and month apart: "
            f"{read.unclear}",
            place=table.place(0, heading),
            hint="say it under `data`: `dayfirst: true` or `dayfirst: false`",
        )
    _refuse_first(table, heading, column, text.is_not_null() & read.wall.is_null())
    kind: Kind = "instant" if read.has_offset else "local"
    return Times(kind, read.wall, read.utc, read.how, read.order_is_guessed, read.zone)


def _are_days_written_otherwise(text: pl.Series, values: pl.Series) -> bool:
    """Whether eight digits are a day, a month and a year, in that order or another."""
    if not text.drop_nulls().str.contains(r"^\d{8}$").all():
        return False
    return bool(epochs.read(values).wall.null_count() > values.null_count())


def _numbered(
    values: pl.Series, column: pl.Series, table: Table, heading: str, *, exact: pl.Series | None
) -> Times:
    read = epochs.read(values, exact=exact)
    _refuse_first(table, heading, column, values.is_not_null() & read.wall.is_null())
    kind: Kind = "instant" if read.is_epoch else "local"
    return Times(kind, read.wall, read.wall, read.how)


def _refuse_first(table: Table, heading: str, column: pl.Series, bad: pl.Series) -> None:
    row = bad.fill_null(value=False).arg_true().head(1)
    if len(row):
        raise _unreadable(table.place(row[0], heading), column[row[0]])


def _unreadable(place: Place, value: object) -> BadInput:
    return BadInput(
        f"`{value}` cannot be read as a time",
        place=place,
        hint="understood are dates and times as 2020-01-31, 31.01.2020 or 3-Jan-20, with 09:30:00 "
        "or 9:30 PM behind them, with or without a zone, 20200131, days of Excel, and seconds, ms, "
        "us or ns since 1970",
    )
