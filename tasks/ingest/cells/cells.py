"""Cells as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from tasks.ingest.cells.numerals import Mark

MISSING = (
    *("", "-", "--", "---", ".", "..", "...", "nan", "null", "none", "na", "n/a", "n.a.", "n.a"),
    *("#n/a", "#n/a n/a", "nat", "\\n", "无", "—", "–", "―", "n/d", "nd", "k.a.", "s.o."),
    *("#value!", "#ref!", "#div/0!", "#num!", "#name?", "#null!", "停牌", "－", "nil"),
)
_MULTIPLES = {
    "k": 1e3, "m": 1e6, "b": 1e9, "bn": 1e9, "mn": 1e6, "mln": 1e6, "mio": 1e6,
    "mio.": 1e6, "mrd": 1e9, "mrd.": 1e9, "tsd": 1e3, "tsd.": 1e3, "cr": 1e7,
    "lac": 1e5, "lakh": 1e5, "млн": 1e6, "млрд": 1e9, "тыс": 1e3,
    "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8, "萬": 1e4, "億": 1e8, "만": 1e4, "억": 1e8,
}  # fmt: skip
_UNITS = r"(?:股|手|元|円|원|shares|pcs|stk|usd|eur|gbp|chf|jpy|[$€£¥￥₹₩])$"
_CURRENCY = r"^(?:[$€£¥￥₹₩]|rs\.?|usd|eur|gbp|chf)\s*"
_GROUPS = {
    ".": r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$|^[+-]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?$",
    ",": r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$",
}
_POINTLESS = {".": r"^[+-]?\d+$", ",": r"^[+-]?\d+$|^[+-]?\d*,\d+$|^[+-]?\d+,$"}
_SPACED = "^[+-]?\\d{1,3}(?:[\\s\u00a0\u2009\u202f\u2007]\\d{3})+(?:[.,]\\d*)?$"
_SWISS = "^[+-]?\\d{1,3}(?:['\u2019\u02bc`]\\d{3})+(?:[.,]\\d*)?$"
FRACTION = (
    r"^\s*\d+(?:\s+|[-'\x{2019}])\d{1,3}/\d{1,3}\s*$|^\s*\d{1,3}/\d{1,3}\s*$"
    r"|^\s*\d+[-'\x{2019}]\d{2}[+\d]?\s*$"
)
"""Prices in fractions, as 97 1/32 or 97-16: how many parts a whole has is not in the file."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column's numbers: null where there is none; infinities are kept.

    Parameters
    ----------
    values
        Float64, no NaN.
    unreadable
        Boolean: the cell says something, but no number.
    """

    values: pl.Series
    unreadable: pl.Series


def numbers(column: pl.Series, *, decimal: Mark = ".", plain: pl.Series | None = None) -> Numbers:
    """Read a column of cells as numbers.

    Understood are ``1234.5``, ``1,234.5``, ``1'234.5``, ``1 234,5``, ``12,34,567``, ``$12``,
    ``1.2M``, ``3.4万``, ``(5)`` for -5, each with the decimal mark of the file.

    Parameters
    ----------
    column
        Of any type.
    decimal
        The file's decimal mark; see :func:`tasks.ingest.cells.numerals.decide`.
    plain
        The column cast to Float64, null where it cannot be, if that was done before.

    Examples
    --------
    >>> numbers(pl.Series(["1,234.5", "2M", "-", "x1"])).values.to_list()
    [1234.5, 2000000.0, None, None]
    >>> numbers(pl.Series(["15.923", "15.823,5"]), decimal=",").values.to_list()
    [15923.0, 15823.5]
    """
    if column.dtype.is_numeric():
        values = column.cast(pl.Float64).fill_nan(None)
        return Numbers(values, pl.repeat(value=False, n=len(column), eager=True))
    if column.dtype != pl.String:
        return Numbers(
            pl.repeat(None, len(column), dtype=pl.Float64, eager=True), column.is_not_null()
        )
    values = column.cast(pl.Float64, strict=False) if plain is None else plain
    return _written(column.rename("cell"), values.rename("cell"), decimal)


def _written(column: pl.Series, values: pl.Series, decimal: Mark) -> Numbers:
    if decimal == ",":
        # With a decimal comma, 824.755 is no plain number; digits alone and exponents are.
        pointed = column.str.contains(".", literal=True) & ~column.str.contains("(?i)e")
        values = values.set(pointed.fill_null(value=False), None)
    hard = values.is_null() & column.is_not_null()
    if hard.any():
        cleaned = column.filter(hard).str.strip_chars().str.to_lowercase()
        found = cleaned.to_frame().select(_meant(decimal)).to_series()
        values = values.scatter(hard.arg_true(), found)
        says = column.str.strip_chars().str.to_lowercase().is_in(MISSING).not_()
    else:
        says = hard
    unreadable = values.is_null() & says.fill_null(value=False)
    return Numbers(values.fill_nan(None), unreadable)


def _meant(decimal: Mark) -> pl.Expr:
    """Return the number that a cell with more than digits and a point means."""
    cell = pl.col("cell")
    negative = cell.str.contains(r"^\(.*\)$")
    bare = pl.when(negative).then(cell.str.slice(1, cell.str.len_chars() - 2)).otherwise(cell)
    bare = bare.str.replace(_CURRENCY, "").str.replace(_UNITS, "").str.strip_chars()
    suffix = bare.str.extract(f"({'|'.join(sorted(_MULTIPLES, key=len, reverse=True))})$")
    digits = bare.str.strip_suffix(suffix.fill_null("")).str.strip_chars()
    parted = digits.str.contains(_SPACED) | digits.str.contains(_SWISS)
    digits = (
        pl.when(parted)
        .then(digits.str.replace_all("[\\s\u00a0\u2009\u202f\u2007'\u2019\u02bc`]", ""))
        .otherwise(digits)
    )
    digits = digits.str.replace(r"^([+-])\s+", "${1}")
    other = "," if decimal == "." else "."
    grouped = digits.str.contains(_GROUPS[decimal])
    digits = (
        pl.when(grouped).then(digits.str.replace_all(other, "", literal=True)).otherwise(digits)
    )
    if decimal == ",":
        fits = digits.str.contains(_POINTLESS[","]) | digits.str.contains(r"^[+-]?\d*,?\d+e")
        digits = pl.when(fits).then(digits.str.replace(",", ".", literal=True))
    multiple = suffix.replace_strict(_MULTIPLES, default=1.0, return_dtype=pl.Float64)
    sign = pl.when(negative).then(-1.0).otherwise(1.0)
    return digits.cast(pl.Float64, strict=False) * multiple * sign
