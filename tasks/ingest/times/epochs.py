"""Times written as numbers: since 1970, or digits of a date."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

WRITTEN = r"^\d{8,19}(\.\d*)?$|^\d{5}(\.\d+)?$"
# Number of digits: what it counts, in microseconds. Between 1973 and 2286 these do not overlap,
# save that twelve digits may be milliseconds before 2001, which nobody's bars are.
_UNITS = {9: 1e6, 10: 1e6, 13: 1e3, 16: 1.0, 18: 1e-3, 19: 1e-3}
_UNIT_NAMES = {1e6: "seconds", 1e3: "milliseconds", 1.0: "microseconds", 1e-3: "nanoseconds"}
_CALENDAR = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_SERIALS = (25_569.0, 73_050.0)
"""Days since the end of 1899, as Excel counts them, for 1970 to 2099."""
_DAY_SECONDS, _EXCEL_TO_UNIX = 86_400, 25_569 * 86_400


@dataclass(frozen=True, slots=True)
class Numbered:
    """Times read from numbers: Datetime("us"), null where a number is none."""

    wall: pl.Series
    is_epoch: bool
    how: str


def read(values: pl.Series, *, exact: pl.Series | None = None) -> Numbered:
    """Read numbers as times, by how many digits they have.

    Parameters
    ----------
    values
        Float64.
    exact
        The same as texts, where they are known: counts of nanoseconds are above 2**53.

    Examples
    --------
    >>> read(pl.Series([20200131.0])).wall.to_list()
    [datetime.datetime(2020, 1, 31, 0, 0)]
    >>> read(pl.Series([1580428800.0, 1580428800000.0])).how
    'milliseconds and seconds since 1970'
    """
    frame = pl.DataFrame({"value": values}).with_columns(digits=_digits())
    serials = values.drop_nulls().is_between(*_SERIALS)
    if len(serials) and serials.all():
        days = (pl.col("value") * _DAY_SECONDS).round().cast(pl.Int64) - _EXCEL_TO_UNIX
        wall = (days * 1_000_000).cast(pl.Datetime("us"))
        return Numbered(frame.select(wall=wall)["wall"], is_epoch=False, how="days of Excel")
    kinds = frame["digits"].drop_nulls().unique().sort().to_list()
    if kinds and all(kind in _CALENDAR for kind in kinds):
        wall = pl.coalesce(_written(kind) for kind in kinds)
        return Numbered(frame.select(wall=wall)["wall"], is_epoch=False, how="digits of dates")
    unit = pl.col("digits").replace_strict(_UNITS, default=None, return_dtype=pl.Float64)
    wall = (pl.col("value") * unit).round().cast(pl.Int64, strict=False).cast(pl.Datetime("us"))
    read_whole = frame.select(wall=wall)["wall"]
    if exact is not None and (frame["digits"] >= 18).any():
        whole = exact.str.extract(r"^(\d+)").cast(pl.Int64, strict=False) // 1_000
        nanos = frame["digits"] >= 18
        read_whole = read_whole.zip_with(
            ~nanos.fill_null(value=False), whole.cast(pl.Datetime("us"))
        )
    names = sorted({_UNIT_NAMES[_UNITS[kind]] for kind in kinds if kind in _UNITS})
    how = f"{' and '.join(names)} since 1970"
    return Numbered(read_whole, is_epoch=True, how=how)


def _digits() -> pl.Expr:
    value = pl.col("value")
    usable = value.is_finite() & (value >= 1e7) & (value < 1e19)
    return pl.when(usable).then(
        value.floor().cast(pl.UInt64, strict=False).cast(pl.String).str.len_chars()
    )


def _written(digits: int) -> pl.Expr:
    whole = pl.col("value") == pl.col("value").floor()
    text = pl.when(whole & (pl.col("digits") == digits)).then(
        pl.col("value").cast(pl.UInt64, strict=False).cast(pl.String)
    )
    return text.str.to_datetime(_CALENDAR[digits], strict=False, time_unit="us")
