"""Times of any usual writing, as seconds."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

_MICROS = 1_000_000.0
_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
)  # fmt: skip
_ZONED = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%Y%m%d")
_EPOCHS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""Numbers from so many on are of so many to the second."""


def to_seconds(times: pl.Series) -> list[float | None]:
    """Return times as seconds since 1970, UTC; None where there is none.

    Parameters
    ----------
    times
        Dates, times (those without a zone are taken for UTC), text of either (years first, or month
        first with slashes), or numbers since 1970: seconds, milli-, micro- or nanoseconds, told
        apart by their size.

    Returns
    -------
    list
        A float or None for each time, in order.

    Raises
    ------
    BadInput
        If a text is no time.

    Notes
    -----
    Look-ahead: none; each by itself, but for the order of day and month in text, which all of it
    settles.

    Examples
    --------
    >>> to_seconds(pl.Series(["1970-01-01 00:01:00", None]))
    [60.0, None]
    >>> to_seconds(pl.Series([1_700_000_000_000]))
    [1700000000.0]
    """
    if times.dtype == pl.String:
        times = _parse(times)
    if times.dtype.is_numeric():
        return _since_1970(times.cast(pl.Float64))
    if not times.dtype.is_temporal() or times.dtype in {pl.Time, pl.Duration}:
        raise BadInput(f"the column {times.name!r} holds {times.dtype}, not times")
    return (times.cast(pl.Datetime("us")).cast(pl.Int64) / _MICROS).to_list()


def _since_1970(numbers: pl.Series) -> list[float | None]:
    largest = numbers.filter(numbers.is_finite()).abs().max()
    size = float(largest) if isinstance(largest, (int, float)) else 0.0
    unit = next((per for least, per in _EPOCHS if size >= least), 1.0)
    return [one / unit if one is not None and isfinite(one) else None for one in numbers]


def _parse(texts: pl.Series) -> pl.Series:
    """Read text by the first format that fits all of it."""
    stripped = texts.str.strip_chars()
    known = stripped.is_not_null() & (stripped != "")
    wanted = int(known.sum())
    fewest = known
    for read in _READERS:
        read_times = read(stripped)
        left = known & read_times.is_null()
        if not left.any():
            return read_times
        fewest = left if int(left.sum()) < int(fewest.sum()) else fewest
    row = int(fewest.arg_true()[0])
    raise BadInput(
        f"the column {texts.name!r} does not hold times: {texts[row]!r} in row {row + 1}",
        hint=f"{wanted} values were read as YYYY-MM-DD HH:MM:SS and the like",
    )


def _reader(kind: str, form: str) -> Callable[[pl.Series], pl.Series]:
    if kind == "date":
        return lambda s: s.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    if kind == "zoned":
        return lambda s: s.str.replace("Z$", "+00:00").str.to_datetime(
            form, strict=False, time_unit="us", time_zone="UTC"
        )
    return lambda s: s.str.to_datetime(form, strict=False, time_unit="us")


def _number(texts: pl.Series) -> pl.Series:
    return texts.cast(pl.Float64, strict=False)


_READERS: tuple[Callable[[pl.Series], pl.Series], ...] = (
    *(_reader("plain", form) for form in _FORMATS),
    *(_reader("zoned", form) for form in _ZONED),
    *(_reader("date", form) for form in _DATES),
    _number,
)
