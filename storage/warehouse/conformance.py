"""Conformance: rows on their way into a table get its columns and types, or are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from configs.errors import Failed, did_you_mean
from storage.warehouse.schema import Kind

if TYPE_CHECKING:
    from storage.warehouse.port import ArrowRows
    from storage.warehouse.schema import Column, Table

TYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.WORD: pl.String(),
    Kind.COUNT: pl.Int64(),
    Kind.FLOAT: pl.Float64(),
    Kind.FLOAT32: pl.Float32(),
    Kind.FLAG: pl.Boolean(),
    Kind.TIME: pl.Datetime("us", "UTC"),
    Kind.TEXTS: pl.List(pl.String()),
    Kind.SCORES: pl.List(pl.Struct({"field": pl.String(), "score": pl.Float64()})),
}


def conform(rows: ArrowRows, table: Table, partition: str | None) -> pl.DataFrame:
    """Return rows as `table` stores them.

    Parameters
    ----------
    rows
        All of the table's columns, in any order; the partition's may be left out.
    partition
        The value of the partition's column in every row; None where rows say it themselves.

    Returns
    -------
    pl.DataFrame
        The table's columns in their order; NaN in a column that allows nulls has become null.

    Raises
    ------
    Failed
        Naming the column, if one is missing, unknown, null where nothing may be null, of a type
        that would have to be guessed at, or if a row belongs to another partition.
    """
    frame = pl.DataFrame(rows)
    if partition and table.partition and table.partition not in frame.columns:
        frame = frame.with_columns(pl.lit(partition).alias(table.partition))
    names = [column.name for column in table.columns]
    for name in frame.columns:
        if name not in names:
            raise Failed(f"{table.name} has no column `{name}`", hint=did_you_mean(name, names))
    for name in names:
        if name not in frame.columns:
            raise Failed(f"the rows for {table.name} lack the column `{name}`")
    conformed = frame.select(
        _conform(frame[column.name], column, table) for column in table.columns
    )
    if partition and table.partition and (conformed[table.partition] != partition).any():
        raise Failed(f"rows for {table.name} belong to another {table.partition} than {partition}")
    return conformed


def _conform(values: pl.Series, column: Column, table: Table) -> pl.Series:
    wanted = TYPES[column.kind]
    if not _fits(values.dtype, wanted):
        raise Failed(f"{table.name}.{column.name} is {wanted}; the rows have {values.dtype}")
    cast = values.cast(wanted)
    if column.nullable and wanted.is_float():
        cast = cast.fill_nan(None)
    if cast.null_count() and not column.nullable:
        raise Failed(f"{table.name}.{column.name} has {cast.null_count()} rows without a value")
    return cast


def _fits(have: pl.DataType, wanted: pl.DataType) -> bool:
    """Whether a cast changes no value's meaning."""
    if isinstance(wanted, pl.Datetime):
        return isinstance(have, pl.Null) or (isinstance(have, pl.Datetime) and bool(have.time_zone))
    if wanted.is_float():
        return have.is_numeric() or isinstance(have, pl.Null)
    if wanted.is_integer():
        return have.is_integer() or isinstance(have, pl.Null)
    if isinstance(wanted, pl.String):
        return isinstance(have, pl.String | pl.Categorical | pl.Enum | pl.Null)
    return have == wanted or isinstance(have, pl.Null) or _is_empty_list(have, wanted)


def _is_empty_list(have: pl.DataType, wanted: pl.DataType) -> bool:
    return (
        isinstance(wanted, pl.List)
        and isinstance(have, pl.List)
        and isinstance(have.inner, pl.Null)
    )
