"""Two results of one computation, value by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from tasks.features.leak.verdict import Leak

if TYPE_CHECKING:
    from datetime import datetime

RELATIVE: Final = 1e-5
ABSOLUTE: Final = 1e-9
"""Differences up to this are rounding."""

_ROW: Final = "__row"
_KNOWN: Final = "__known"


def compare(full: pl.DataFrame, part: pl.DataFrame, cut: datetime) -> tuple[Leak | None, int]:
    """Find the first row of `full` that `part` lacks or has otherwise.

    Parameters
    ----------
    full
        Result with all rows, of the times to compare.
    part
        Result without the rows that became known after `cut`.
    cut
        For the report.

    Returns
    -------
    tuple
        The first change by time, or None; and how many values were compared.

    Notes
    -----
    Look-ahead: of both results, all rows: for judging.
    """
    keys = [key for key in ("symbol", "ts") if key in full.columns]
    values = [name for name in full.columns if name not in keys]
    missing = [name for name in full.columns if name not in part.columns]
    if missing and full.height:
        row = full.sort("ts", *keys).row(0, named=True)
        return Leak(missing[0], row.get("symbol"), row["ts"], cut, "there", "missing"), 0
    both = full.join(
        part.with_columns(pl.lit(value=True).alias(_ROW)), on=keys, how="left",
        suffix=_KNOWN, maintain_order="left",
    )  # fmt: skip
    changed = [(pl.col(_ROW).is_null() | _differs(full, name)).alias(name) for name in values]
    flags = both.select(*keys, *changed) if changed else both.select(*keys)
    compared = both.height * len(values)
    if not values or not any(flags[name].any() for name in values):
        return None, compared
    return _first(both, flags, values, cut), compared


def _differs(full: pl.DataFrame, name: str) -> pl.Expr:
    a, b = pl.col(name), pl.col(f"{name}{_KNOWN}")
    dtype = full.schema[name]
    if not dtype.is_numeric():
        return a.ne_missing(b)
    a, b = a.cast(pl.Float64).fill_nan(None), b.cast(pl.Float64).fill_nan(None)
    near = (a - b).abs() <= ABSOLUTE + RELATIVE * pl.max_horizontal(a.abs(), b.abs())
    return ~(a.eq_missing(b) | (near & a.is_finite() & b.is_finite()).fill_null(value=False))


def _first(both: pl.DataFrame, flags: pl.DataFrame, values: list[str], cut: datetime) -> Leak:
    keys = [key for key in ("ts", "symbol") if key in flags.columns]
    row = flags.with_row_index(_ROW).filter(pl.any_horizontal(values)).sort(keys).row(0, named=True)
    column = next(name for name in values if row[name])
    there = both.row(row[_ROW], named=True)
    absent = there[_ROW] is None
    without = "missing" if absent else _plain(there[f"{column}{_KNOWN}"])
    return Leak(column, row.get("symbol"), row["ts"], cut, _plain(there[column]), without)


def _plain(value: object) -> float | str | None:
    return value if value is None or isinstance(value, int | float) else str(value)
