"""Cells as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

MISSING = (
    "",
    "-",
    "--",
    "---",
    ".",
    "nan",
    "null",
    "none",
    "na",
    "n/a",
    "#n/a",
    "nat",
    "\\n",
    "无",
)
_MULTIPLES = {"k": 1e3, "m": 1e6, "b": 1e9, "万": 1e4, "亿": 1e8}
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_POINTED_THOUSANDS = r"^[+-]?\d{1,3}(\.\d{3})+,\d+$"
_COMMA = r"^[+-]?\d+,\d+$"
_DRESS = r"^[$€£¥￥]\s*|\s+"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column's numbers: null where there is none; infinities are kept.

    Parameters
    ----------
    values
        Float64, no NaN.
    unreadable
        Boolean: the cell says something, but no number.
    decimal_comma
        Whether the comma was taken for the decimal point.
    """

    values: pl.Series
    unreadable: pl.Series
    decimal_comma: bool = False


def numbers(column: pl.Series, *, separator: str | None) -> Numbers:
    """Read a column of cells as numbers.

    Understood are ``1234.5``, ``1,234.5``, ``$12``, ``1.2M``, ``3.4万``, and, in a file that is
    not separated by commas and whose column has no point, ``12,5``.

    Parameters
    ----------
    column
        Of any type.
    separator
        What separates the file's cells, None if nothing does.

    Examples
    --------
    >>> numbers(pl.Series(["1,234.5", "2M", "-", "x"]), separator=",").values.to_list()
    [1234.5, 2000000.0, None, None]
    """
    if column.dtype.is_numeric():
        values = column.cast(pl.Float64).fill_nan(None)
        return Numbers(values, pl.repeat(value=False, n=len(column), eager=True))
    if column.dtype != pl.String:
        return Numbers(
            pl.repeat(None, len(column), dtype=pl.Float64, eager=True), column.is_not_null()
        )
    return _written(column.rename("cell"), separator)


def _written(column: pl.Series, separator: str | None) -> Numbers:
    values = column.cast(pl.Float64, strict=False)
    hard = values.is_null() & column.is_not_null()
    comma = False
    if hard.any():
        cleaned = column.filter(hard).str.strip_chars().str.to_lowercase()
        comma = _has_decimal_comma(column, cleaned, separator)
        found = cleaned.to_frame().select(_meant(decimal_comma=comma)).to_series()
        values = values.scatter(hard.arg_true(), found)
        says = column.str.strip_chars().str.to_lowercase().is_in(MISSING).not_()
    else:
        says = hard
    unreadable = values.is_null() & says.fill_null(value=False)
    return Numbers(values.fill_nan(None), unreadable, comma)


def _has_decimal_comma(column: pl.Series, cleaned: pl.Series, separator: str | None) -> bool:
    pointed = column.str.contains(r"^\s*[+-]?\d+\.\d+\s*$").any()
    commas = cleaned.str.contains(_COMMA) | cleaned.str.contains(_POINTED_THOUSANDS)
    return separator not in {None, ","} and not pointed and bool(commas.any())


def _meant(*, decimal_comma: bool) -> pl.Expr:
    """Return the number that a cell with more than digits and a point means."""
    bare = pl.col("cell").str.replace_all(_DRESS, "")
    suffix = bare.str.extract(f"([{''.join(_MULTIPLES)}])$")
    digits = bare.str.strip_suffix(suffix.fill_null(""))
    if decimal_comma:
        plain = (
            pl.when(digits.str.contains(_COMMA) | digits.str.contains(_POINTED_THOUSANDS))
            .then(digits.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
            .otherwise(digits)
        )
    else:
        plain = (
            pl.when(digits.str.contains(_THOUSANDS))
            .then(digits.str.replace_all(",", "", literal=True))
            .otherwise(digits)
        )
    multiple = suffix.replace_strict(_MULTIPLES, default=1.0, return_dtype=pl.Float64)
    return plain.cast(pl.Float64, strict=False) * multiple
