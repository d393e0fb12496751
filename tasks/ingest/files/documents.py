"""JSON: an array, lines, columns, or the answers of vendors' interfaces."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from configs.errors import BadInput
from tasks.ingest.files import limits
from tasks.ingest.files.cellkinds import kind
from tasks.ingest.files.dialects import DELIMITERS
from tasks.ingest.files.grids import Grid
from tasks.ingest.files.workbooks import number_text
from tasks.ingest.headings.headings import FIELD_OF, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYMBOL_KEYS = frozenset(("symbol", "ticker", "2. symbol", "instrument", "pair", "instid"))
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class _Found:
    """A table somewhere in a document, and the names that lead to it."""

    path: tuple[str, ...]
    rows: list[Any]
    symbol: str | None


def looks_like(head: bytes) -> bool:
    """Whether a text begins as JSON.

    Examples
    --------
    >>> looks_like(b'[{"date"'), looks_like(b"date,close")
    (True, False)
    """
    bare = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return bare[:1] == b"{" or re.match(rb'\[\s*[\[{"\d\]-]', bare) is not None


def read(content: bytes, name: str) -> dict[str, Grid]:
    """Read the table in a JSON document, or in JSON lines.

    Parameters
    ----------
    content
        The file's bytes.
    name
        What to call it in messages.

    Returns
    -------
    dict
        Symbol, as the document names it (empty where it does not), to grid.

    Raises
    ------
    BadInput
        If it is malformed (the line is named), nested too deep, or holds no table, or several.
    """
    if len(content) > limits.DOCUMENT_BYTES:
        raise BadInput(
            f"`{name}` is larger than {limits.DOCUMENT_BYTES / 2**30:.0f} GiB of JSON",
            hint="write it as Parquet",
        )
    found = list(_tables(_parsed(content, name), (), None))
    found = [each for each in found if each.rows]
    if not found:
        raise BadInput(
            f"`{name}` is JSON without a table: no list of records, rows or columns",
            hint="understood are a list of records, lines of records, and columns of equal length",
        )
    longest = max(len(each.rows) for each in found)
    kept = [each for each in found if len(each.rows) * 10 >= longest and _has_times(each.rows)]
    kept = kept or [each for each in found if len(each.rows) == longest]
    symbols = [each.symbol or "" for each in kept]
    if len(kept) > 1 and len(set(symbols)) < len(kept):
        where = ", ".join("/".join(each.path) for each in kept[:5])
        raise BadInput(
            f"`{name}` holds several tables ({where}) and does not say of which symbols",
            hint="keep one table in a file",
        )
    return {symbol: _grid(each.rows, name) for symbol, each in zip(symbols, kept, strict=True)}


def _parsed(content: bytes, name: str) -> Any:
    # Numbers stay as they are written: 000001 and 19 digits alike.
    try:
        text = content.decode("utf-8-sig")
        try:
            return json.loads(text, parse_float=str, parse_int=str)
        except json.JSONDecodeError as error:
            if error.msg != "Extra data":
                raise
        return _lines(text, name)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"`{name}` is no well-formed JSON: {error.msg} in line {error.lineno}",
            hint="perhaps it was not downloaded whole",
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"`{name}` is JSON that is not UTF-8", hint="save it as UTF-8") from error
    except RecursionError as error:
        raise BadInput(f"`{name}` is nested too deep") from error


def _lines(text: str, name: str) -> list[Any]:
    rows = []
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line, parse_float=str, parse_int=str))
        except json.JSONDecodeError as error:
            raise BadInput(
                f"`{name}`: line {at + 1} is no well-formed JSON: {error.msg}",
                hint="the last line may not have been written whole: take it out"
                if at >= len(lines) - 2
                else None,
            ) from error
    return rows


def _tables(value: Any, path: tuple[str, ...], symbol: str | None) -> Iterator[_Found]:
    """Yield every table in a document: lists of records or rows, and columns side by side."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, list):
        yield from _tables_of_list(value, path, symbol)
    elif isinstance(value, dict):
        symbol = _symbol_in(value) or symbol
        rows = _columns(value) or _keyed(value) or _split(value) or _series(value)
        if rows is not None:
            yield _Found(path, rows, symbol)
            return
        for key, inner in value.items():
            if not isinstance(inner, dict | list):
                continue
            beside = sum(isinstance(each, type(inner)) and bool(each) for each in value.values())
            named = key if beside > 1 or path[-1:] in {("result",), ("bars",)} else None
            yield from _tables(inner, (*path, key), symbol or named)


def _tables_of_list(
    value: list[Any], path: tuple[str, ...], symbol: str | None
) -> Iterator[_Found]:
    if value and all(isinstance(row, dict) for row in value):
        flat = all(not isinstance(cell, dict | list) for row in value[:20] for cell in row.values())
        if flat and len(value) >= 1:
            yield _Found(path, value, symbol)
            return
        for at, row in enumerate(value):
            yield from _tables(row, (*path, str(at)), symbol)
    elif value and all(isinstance(row, list) for row in value):
        yield _Found(path, value, symbol)
    elif rows := _written_rows(value):
        yield _Found(path, rows, symbol)


def _written_rows(value: list[Any]) -> list[list[str]]:
    """Read rows that are texts of separated cells, beginning with a time."""
    if not value or not all(isinstance(row, str) for row in value):
        return []
    for delimiter in DELIMITERS:
        rows = [row.split(delimiter) for row in value]
        widths = {len(row) for row in rows}
        if len(widths) == 1 and widths != {1} and kind(rows[0][0]) in {"time", "digits"}:
            return rows
    return []


def _series(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Read series of one symbol, each a list of times and values under the name of a column."""
    series = {key: pairs for key, pairs in value.items() if _is_series(pairs)}
    fields = {FIELD_OF.get(plain(key)) or FIELD_OF.get(plain(key).removesuffix("s")): key
              for key in series}  # fmt: skip
    if len(series) < 2 or "close" not in fields:
        return None
    heading = {key: field for field, key in fields.items() if field}
    rows: dict[Any, dict[str, Any]] = {}
    for key, pairs in series.items():
        for time, cell in pairs:
            rows.setdefault(time, {"date": time})[heading.get(key, key)] = cell
    return list(rows.values())


def _is_series(pairs: object) -> bool:
    return (
        isinstance(pairs, list)
        and bool(pairs)
        and all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)
        and kind(str(pairs[0][0])) in {"time", "digits"}
        and not isinstance(pairs[0][1], dict | list)
    )


def _symbol_in(value: dict[str, Any]) -> str | None:
    places = (value, value.get("meta"), value.get("Meta Data"))
    for place in places:
        if isinstance(place, dict):
            for key, said in place.items():
                if key.lower() in _SYMBOL_KEYS and isinstance(said, str) and said not in {"ok", ""}:
                    return said
            # Alone, a code is that of an answer.
            code = place.get("code") or place.get("dataset_code")
            if isinstance(code, str) and isinstance(place.get("name"), str):
                return code
    return None


def _columns(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Read columns of equal length, also those of Yahoo, which stand in two places."""
    columns = {key: cells for key, cells in value.items() if _is_column(cells)}
    quotes = value.get("indicators")
    if isinstance(quotes, dict):
        for part in ("quote", "adjclose"):
            inner = quotes.get(part)
            if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                columns |= {key: cells for key, cells in inner[0].items() if _is_column(cells)}
    lengths = {len(cells) for cells in columns.values()}
    if len(columns) >= 2 and len(lengths) == 1 and lengths != {0}:
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return _indexed(value)


def _is_column(cells: object) -> bool:
    return isinstance(cells, list) and not any(isinstance(cell, dict | list) for cell in cells)


def _indexed(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Read what pandas writes by default: heading to row number to cell."""
    inner = list(value.values())
    if len(inner) < 2 or not all(isinstance(each, dict) and each for each in inner):
        return None
    if len({tuple(each) for each in inner}) != 1:
        return None
    first = list(inner[0])
    is_time = all(kind(key) in {"time", "digits"} for key in first)
    if not is_time and first != [str(at) for at in range(len(first))]:
        return None
    if any(kind(key) == "time" for key in list(value)[:1]):
        return None
    rows: list[dict[str, Any]] = []
    for key in first:
        row = {"date": key} if is_time else {}
        rows.append(row | {heading: cells[key] for heading, cells in value.items()})
    return rows


def _keyed(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Read records that stand under their dates, as Alpha Vantage gives them."""
    if not value or not all(isinstance(row, dict) for row in value.values()):
        return None
    if not all(kind(key) in {"time", "digits"} for key in value):
        return None
    return [{"date": key, **row} for key, row in value.items()]


def _split(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Read headings beside rows, as pandas' split form and tushare's interface have them."""
    headings = value.get("columns") or value.get("fields")
    rows = value.get("data") or value.get("items")
    if not (isinstance(headings, list) and isinstance(rows, list) and rows):
        return None
    if not all(isinstance(row, list) and len(row) == len(headings) for row in rows):
        return None
    index = value.get("index")
    named = [dict(zip(map(str, headings), row, strict=True)) for row in rows]
    if not isinstance(index, list) or len(index) != len(rows) or len(str(index[0])) <= 6:
        return named
    if kind(str(index[0])) in {"time", "digits"}:
        return [{"date": at, **row} for at, row in zip(index, named, strict=True)]
    return named


def _has_times(rows: list[Any]) -> bool:
    first = rows[0].values() if isinstance(rows[0], dict) else rows[0]
    return any(kind(_text(cell) or "") in {"time", "digits"} for cell in first)


def _grid(rows: list[Any], name: str) -> Grid:
    if isinstance(rows[0], dict):
        headings = list(dict.fromkeys(key for row in rows for key in row))
        limits.refuse_size(len(rows), len(headings), name=name)
        columns = {
            str(at): [_text(row.get(key)) for row in rows] for at, key in enumerate(headings)
        }
        header = [[str(key) for key in headings]]
    else:
        width = max(map(len, rows))
        limits.refuse_size(len(rows), width, name=name)
        columns = {
            str(at): [_text(row[at]) if at < len(row) else None for row in rows]
            for at in range(width)
        }
        header = []
        if all(kind(str(cell)) == "word" for cell in rows[0]):
            header = [[str(cell) for cell in rows[0]]]
            columns = {at: cells[1:] for at, cells in columns.items()}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return Grid(frame, header, [], 1)


def _text(cell: object) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, dict | list):
        return json.dumps(cell)[:200]
    text = str(cell)
    return number_text(text) if text.replace(".", "", 1).isdigit() else text
