"""qlib's folder of binary files: a calendar, and an array of float32 for each symbol and field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALENDAR = re.compile(r"^(?P<root>.*?)calendars/(?P<frequency>[A-Za-z0-9]+)\.txt$")
_FIELD = re.compile(r"features/(?P<symbol>[^/]+)/(?P<field>[^/.]+)\.(?P<frequency>[^/.]+)\.bin$")
_FIELDS = ("open", "high", "low", "close", "volume", "factor", "vwap", "amount", "money")


def is_qlib(names: Mapping[str, bytes]) -> bool:
    """Whether files are those of qlib's binary store.

    Examples
    --------
    >>> is_qlib({"calendars/day.txt": b"", "features/a/close.day.bin": b""})
    True
    """
    return any(map(_CALENDAR.match, names)) and any(map(_FIELD.search, names))


def read(files: Mapping[str, bytes], name: str) -> pl.DataFrame:
    """Read the bars of all symbols.

    An array begins with the place of its first value in the calendar; days without a value are
    NaN.

    Parameters
    ----------
    files
        Path within the store to bytes.
    name
        What to call it in messages.

    Returns
    -------
    polars.DataFrame
        `symbol`, `date` (String) and the fields, Float64; rows in which all fields are missing are
        left out.

    Raises
    ------
    BadInput
        If there is more than one calendar, or an array does not fit it.
    """
    calendars = [match for each in files if (match := _CALENDAR.match(each))]
    plain = [match for match in calendars if not match["frequency"].endswith("_future")]
    if len(plain) != 1:
        found = ", ".join(sorted(match["frequency"] for match in plain))
        raise BadInput(
            f"`{name}` has several calendars: {found}", hint="keep the files of one frequency"
        )
    frequency = plain[0]["frequency"]
    days = pl.Series(files[plain[0][0]].decode().split("\n")).str.strip_chars()
    days = days.filter(days != "")
    symbols: dict[str, dict[str, np.ndarray]] = {}
    for path, content in files.items():
        match = _FIELD.search(path)
        if match and match["frequency"] == frequency and match["field"] in _FIELDS:
            values = _values(content, len(days), path)
            symbols.setdefault(match["symbol"].upper(), {})[match["field"]] = values
    if not symbols:
        raise BadInput(f"`{name}` is qlib's store without a field of bars")
    frames = [_frame(symbol, fields, days) for symbol, fields in sorted(symbols.items())]
    return pl.concat(frames, how="diagonal")


def _values(content: bytes, days: int, path: str) -> np.ndarray:
    if len(content) < 4 or len(content) % 4:
        raise BadInput(f"`{path}` is no array of float32", hint="dump the store anew")
    raw = np.frombuffer(content, dtype="<f4")
    start = raw[0]
    if not np.isfinite(start) or start < 0 or start + len(raw) - 1 > days:
        raise BadInput(f"`{path}` does not fit the calendar", hint="dump the store anew")
    whole = np.full(days, np.nan)
    whole[int(start) : int(start) + len(raw) - 1] = raw[1:]
    return whole


def _frame(symbol: str, fields: dict[str, np.ndarray], days: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({"date": days} | fields).with_columns(pl.lit(symbol).alias("symbol"))
    numbers = pl.all_horizontal(pl.col(name).is_nan() for name in fields)
    return frame.filter(~numbers).select("symbol", "date", *fields)
