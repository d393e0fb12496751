"""Files with a column for each symbol, made into a row for each symbol and time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.headings.headings import FIELD_OF, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TICKER = re.compile(r"^\^?[A-Z0-9][A-Z0-9.\-=&/^]{0,14}(?: [A-Z]{2}(?: [A-Z][a-z]+)?)?$")
_TUPLE = re.compile(r"^\(['\"](.*?)['\"], ?['\"](.*?)['\"]\)$")
_BETWEEN = re.compile(r"[._ |:/\-]")
_FIELD_LABELS = frozenset({"price", "attributes", "attribute", "field", "fields"})
_TICKER_LABELS = frozenset(
    {"ticker", "tickers", "symbol", "symbols", "security", "securities", "instrument", "name"}
)
FIELDS = frozenset(
    {"open", "high", "low", "close", "volume", "amount", "vwap", "adj_close", "factor",
     "adj_factor", "tick_volume", "adj_open", "adj_high", "adj_low"}
)  # fmt: skip
_IGNORED = frozenset(
    {
        "dividends",
        "stocksplits",
        "capitalgains",
        "repaired",
        "openinterest",
        "openint",
        "n",
        "adjusted",
    }
)


@dataclass(frozen=True, slots=True)
class Wide:
    """Which column of a wide file holds which field of which symbol."""

    places: Mapping[str, Mapping[str, int]]
    what: str
    sure: bool = True


def field_of(heading: str) -> str | None:
    """Return the field of a bar that a heading names, times and symbols left out."""
    field = FIELD_OF.get(plain(heading))
    if plain(heading) == "adjusted":
        return "adj_close"
    return field if field in FIELDS else None


def is_ticker(heading: str) -> bool:
    """Whether a heading is written as tickers are: capitals and digits.

    Examples
    --------
    >>> is_ticker("BRK-B"), is_ticker("600000.SH"), is_ticker("Spread")
    (True, True, False)
    """
    return _TICKER.match(heading.strip()) is not None


def of_levels(header: Sequence[Sequence[str]], time: int) -> Wide | None:
    """Read two rows of headings, one of fields and one of symbols; None if they are not that.

    Labels at their left (`Price`, `Ticker`) say which is which; else the fields are the row that
    holds nothing but fields, each more than once or below its symbol.
    """
    rows = [_without(row, time) for row in header]
    labels = [row[time].strip().lower() for row in header]
    full = [at for at, row in enumerate(rows) if sum(bool(cell) for cell in row) >= 1]
    fields = next((at for at in full if labels[at] in _FIELD_LABELS and _is_fields(rows[at])), None)
    names = next((at for at in full if labels[at] in _TICKER_LABELS), None)
    if fields is None:
        could = [at for at in full if _is_fields(rows[at]) and at != names]
        fields = could[-1] if could else None
    if fields is None:
        return None
    if names is None:
        names = _unlabelled(rows, full, fields)
    if names is None or names == fields:
        return None
    symbols = _filled(rows[names])
    places: dict[str, dict[str, int]] = {}
    at_column = [at for at in range(len(header[0])) if at != time]
    for at, symbol, heading in zip(at_column, symbols, rows[fields], strict=True):
        field = field_of(heading)
        if symbol and field and field not in places.get(symbol, {}):
            places.setdefault(symbol, {})[field] = at
    return Wide(places, "rows of headings for fields and symbols") if places else None


def _without(row: Sequence[str], time: int) -> list[str]:
    return [cell.strip() for at, cell in enumerate(row) if at != time]


def _is_fields(row: Sequence[str]) -> bool:
    said = [cell for cell in row if cell]
    return bool(said) and all(field_of(c) or plain(c) in _IGNORED for c in said)


def _unlabelled(rows: list[list[str]], full: list[int], fields: int) -> int | None:
    repeated = len({*filter(None, rows[fields])}) < sum(map(bool, rows[fields]))
    for at in full:
        is_symbols = all(is_ticker(cell) for cell in rows[at] if cell)
        if at != fields and is_symbols and (repeated or at < fields) and _spans(rows, at, fields):
            return at
    return None


def _spans(rows: list[list[str]], names: int, fields: int) -> bool:
    """Whether no field stands twice under one name, as units under fields would."""
    pairs = list(zip(_filled(rows[names]), rows[fields], strict=True))
    return len(set(pairs)) == len(pairs)


def _filled(row: Sequence[str]) -> list[str]:
    """Let a name that spans columns stand above each of them."""
    filled, last = [], ""
    for cell in row:
        last = cell or last
        filled.append(last)
    return filled


def of_joined(headings: Sequence[str], time: int) -> Wide | None:
    """Read headings as `AAPL_close`, `Close AAPL`, `AAPL.Close` or `('Close', 'AAPL')`."""
    rest = [(at, heading.strip()) for at, heading in enumerate(headings) if at != time]
    parted: dict[str, dict[str, int]] = {}
    for at, heading in rest:
        found = _part(heading)
        if found is None:
            if plain(heading) in _IGNORED or not heading:
                continue
            return None
        symbol, field = found
        if field in parted.get(symbol, {}):
            return None
        parted.setdefault(symbol, {})[field] = at
    parted = {symbol: fields for symbol, fields in parted.items() if symbol}
    if not parted or not any("close" in f or "adj_close" in f for f in parted.values()):
        return None
    return Wide(parted, "headings joined of symbol and field")


def _part(heading: str) -> tuple[str, str] | None:
    match = _TUPLE.match(heading)
    if match:
        first, second = match[1], match[2]
        for field, symbol in ((first, second), (second, first)):
            if field_of(field) and symbol:
                return symbol, str(field_of(field))
        return None
    if field_of(heading) or FIELD_OF.get(plain(heading)):
        return None
    cuts = [match.start() for match in _BETWEEN.finditer(heading)]
    for cut in cuts:
        left, right = heading[:cut].strip(), heading[cut + 1 :].strip()
        if field_of(right) and is_ticker(left) and not field_of(left):
            return left, str(field_of(right))
        if field_of(left) and is_ticker(right) and not field_of(right):
            return right, str(field_of(left))
    return None


def melt(frame: pl.DataFrame, time: int, heading: str, wide: Wide) -> pl.DataFrame:
    """Return a row for each symbol and time that has any of its fields.

    Parameters
    ----------
    frame
        Columns by their places.
    time
        The place of the column of times, which becomes the column `heading`.
    wide
        Where the fields are.
    """
    times = frame[frame.columns[time]].alias(heading)
    parts = []
    for symbol, places in wide.places.items():
        cells = [frame[frame.columns[at]].alias(field) for field, at in places.items()]
        part = pl.DataFrame([times, pl.repeat(symbol, frame.height, eager=True).alias("symbol")])
        part = part.hstack(cells)
        parts.append(part.filter(~pl.all_horizontal(_says_nothing(c) for c in cells)))
    return pl.concat(parts, how="diagonal")


def _says_nothing(column: pl.Series) -> pl.Expr:
    cell = pl.col(column.name)
    if column.dtype == pl.String:
        return cell.is_null() | cell.str.strip_chars().str.to_lowercase().is_in(
            ["", "-", "nan", "null", "n/a", "na", ".", "#n/a", "#n/a n/a"]
        )
    return cell.is_null() | (cell.is_nan() if column.dtype.is_float() else False)
