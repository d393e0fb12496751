"""From a grid of cells to a table of named columns, whatever its headings look like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, Place
from tasks.ingest.files.cellkinds import kind, time_column
from tasks.ingest.files.tables import Table
from tasks.ingest.headings import file_names
from tasks.ingest.headings.headings import FIELD_OF, HEADINGS, plain
from tasks.ingest.shapes import headerless, tidy, vendors, wide
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.ingest.files.grids import Grid
    from taskspecs.schema import DataSpec

_PRICES = ("open", "high", "low", "close")
_META = frozenset(
    {"symbol", "ticker", "security", "code", "isin", "ric", "instrument", "wkn"}
    | {"证券代码", "股票代码", "代码", "銘柄コード"}
)
_TIMES = frozenset(HEADINGS["date"]) | frozenset(HEADINGS["open_time"]) | {"time", "index"}


def resolve(grid: Grid, name: str, data: DataSpec, *, packed: bool = False) -> Table:
    """Name the columns of a grid, and bring wide ones into a row for each symbol and time.

    Parameters
    ----------
    grid
        Cells and rows of headings.
    name
        The file's name.
    data
        The `data` section of a spec: `layout`, `columns`, `decimal`.
    packed
        Whether the file was the member of an archive.

    Raises
    ------
    BadInput
        If headings can be read in two ways, or rows without headings in none.
    """
    frame, lines = _without_blank(grid.frame, grid.first_line)
    if frame.is_empty():
        raise BadInput(f"`{name}` has headings but no rows")
    place = Place(name, line=grid.first_line)
    time = _time_place(grid.header, frame)
    table = Table(
        name,
        {},
        grid.delimiter,
        frame,
        grid.first_line,
        lines,
        understood=grid.understood,
        findings=grid.findings,
    )
    if not grid.header:
        shape = headerless.recognise(
            frame, name=name, delimiter=grid.delimiter, decimal=data.decimal, place=place,
            packed=packed,
            unit_is_told=data.price_unit is not None,
        )  # fmt: skip
        frame.columns = shape.headings
        table = _with(table, frame, shape.what, "columns: {close: column 5}", sure=shape.sure)
        table = replace(table, price_unit=shape.price_unit)
    else:
        table = _headed(table, grid.header, frame, time, data)
    table = vendors.settle(table)
    return _named(table, grid.preamble, name, data)


def resolve_frame(frame: pl.DataFrame, name: str, data: DataSpec) -> Table | None:
    """Do the same for columns that are stored with names and types; None where nothing is wide."""
    header = [[_untupled(heading) for heading in frame.columns]]
    time = _time_place(header, frame)
    table = Table(name, dict(frame.schema), None, frame)
    found = _wide(table, header, time, data)
    if found is None:
        fields = _tidy(frame, data)
        return None if fields is None else _spread(table, frame, fields)
    renamed = frame.clone()
    renamed.columns = [str(at) for at in range(frame.width)]
    return _melted(table, renamed, time, found, data)


def _untupled(heading: str) -> str:
    """Take the name out of the tuple that pandas writes for a column of a single level."""
    return (
        heading.removeprefix("('").removesuffix("', '')") if heading.endswith("', '')") else heading
    )


def _without_blank(frame: pl.DataFrame, first: int) -> tuple[pl.DataFrame, pl.Series | None]:
    blank = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not blank.any():
        return frame, None
    lines = pl.int_range(first, first + frame.height, eager=True)
    return frame.filter(~blank), lines.filter(~blank)


def _time_place(header: Sequence[Sequence[str]], frame: pl.DataFrame) -> int:
    for row in header:
        for at, cell in enumerate(row):
            if plain(cell) in _TIMES and at == 0:
                return at
    typed = [at for at, dtype in enumerate(frame.dtypes) if dtype.is_temporal()]
    if typed:
        return typed[0]
    text = frame.head(60).select(pl.all().cast(pl.String, strict=False).fill_null(""))
    return time_column(text.rows()) or 0


def _headed(
    table: Table, header: list[list[str]], frame: pl.DataFrame, time: int, data: DataSpec
) -> Table:
    found = _wide(table, header, time, data)
    if found is not None:
        return _melted(table, frame, time, found, data)
    row = _best_row(header, time, data)
    frame.columns = _distinct(row)
    if (fields := _tidy(frame, data)) is not None:
        return _spread(table, frame, fields)
    how = "a line of headings" if len(header) == 1 else f"{len(header)} lines of headings"
    return _with(table, frame, how, "layout: wide", sure=True)


def _wide(table: Table, header: list[list[str]], time: int, data: DataSpec) -> wide.Wide | None:
    if data.layout == "long":
        return None
    found = wide.of_levels(header, time) if len(header) > 1 else None
    if found is None:
        row = _best_row(header, time, data)
        found = wide.of_joined(row, time) or _closes(table, row, time, data)
    return found


def _closes(table: Table, row: Sequence[str], time: int, data: DataSpec) -> wide.Wide | None:
    """Take columns that are headed by tickers, and by nothing else, as closes."""
    rest = {at: cell for at, cell in enumerate(row) if at != time and cell.strip()}
    if data.columns and data.layout != "wide":
        return None
    places = {cell.strip(): {"close": at} for at, cell in rest.items()}
    if data.layout == "wide":
        return wide.Wide(places, "a column of closes for each symbol")
    fields = {at: FIELD_OF[plain(cell)] for at, cell in rest.items() if plain(cell) in FIELD_OF}
    others = [cell for at, cell in rest.items() if at not in fields]
    prices = {field for field in fields.values() if field in _PRICES}
    if not others or len(prices) == len(_PRICES) or "symbol" in fields.values():
        return None
    if not all(wide.is_ticker(cell) for cell in rest.values()) or len(places) < len(rest):
        return None
    if "close" in prices:
        raise BadInput(
            f"`{table.name}` may have a column for each symbol, or columns of one: its headings are"
            f" {', '.join(list(rest.values())[:8])}",
            place=Place(table.name, line=max(table.first_line - 1, 1)),
            hint="say which under `data`: `layout: wide` for closes of symbols, `layout: long` if "
            "not",
        )
    if fields and len(others) <= len(fields):
        return None
    return wide.Wide(places, "a column of closes for each symbol", sure=len(rest) > 1)


def _best_row(header: list[list[str]], time: int, data: DataSpec) -> list[str]:
    """Return the row of headings of which most are known; of equals the lowest with all cells."""
    wanted = set(data.columns.values())

    def known(row: list[str]) -> tuple[int, int, int]:
        fields = {FIELD_OF[plain(cell)] for cell in row if plain(cell) in FIELD_OF}
        has_time = int(row[time].strip() != "") if time < len(row) else 0
        return len(wanted & {cell.strip() for cell in row}), len(fields), has_time

    best = max(header, key=known)
    return best if any(known(best)[:2]) else header[-1]


def _distinct(row: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for cell in row:
        heading = cell.strip()
        seen[heading] = seen.get(heading, 0) + 1
        again = seen[heading] > 1
        names.append(f"{heading} ({seen[heading]})" if again or heading in names else heading)
    return names


def _melted(
    table: Table, frame: pl.DataFrame, time: int, found: wide.Wide, data: DataSpec
) -> Table:
    long = wide.melt(frame, time, "date", found)
    # A row of the long table stands in the line that it came from.
    numbered = table.lines
    if numbered is None:
        numbered = pl.int_range(table.first_line, table.first_line + frame.height, eager=True)
    index = frame.with_columns(numbered.cast(pl.Int64).cast(pl.String).alias(frame.columns[time]))
    lines = wide.melt(index, time, "line", found)["line"].cast(pl.Int64)
    names = sorted(found.places)
    what = f"{found.what}; {len(names)} symbols, as {', '.join(names[:5])}"
    certain = found.sure or data.layout == "wide"
    table = replace(table, lines=lines)
    return _with(table, long, what, "layout: long", sure=certain)


def _tidy(frame: pl.DataFrame, data: DataSpec) -> tidy.Tidy | None:
    return tidy.find(frame) if data.layout is None and not data.columns else None


def _spread(table: Table, frame: pl.DataFrame, fields: tidy.Tidy) -> Table:
    bars, rows = tidy.spread(frame, fields)
    numbered = table.lines
    if numbered is None:
        numbered = pl.int_range(table.first_line, table.first_line + frame.height, eager=True)
    table = replace(table, lines=numbered.gather(rows))
    what = f"a row for each field: `{fields.field}` names it, `{fields.value}` is its value"
    return _with(table, bars, what, "layout: long", sure=True)


def _with(table: Table, frame: pl.DataFrame, what: str, line: str, *, sure: bool) -> Table:
    said = Understood("shape", what, "sure" if sure else "guessed", line)
    return replace(
        table,
        schema=dict(frame.schema),
        _cells=frame,
        understood=(*table.understood, said),
    )


def _named(table: Table, preamble: Sequence[Sequence[str]], name: str, data: DataSpec) -> Table:
    """Add what the file's name and the lines above its headings say."""
    told = file_names.tell(name)
    symbol, how = told.symbol, "the file's name"
    for row in preamble:
        said = [cell.strip() for cell in row if cell.strip()]
        if len(said) == 1 and ":" in said[0]:
            said = [part.strip() for part in said[0].split(":", 1)]
        if (
            len(said) >= 2
            and plain(said[0]) in _META
            and kind(said[1]) in {"word", "digits", "number"}
            and not any(plain(cell) in FIELD_OF for cell in said[1:])
        ):
            symbol, how = said[1], f"`{said[0]}` above the headings"
            break
    if data.symbol:
        symbol, how = data.symbol, "`data.symbol`"
    return replace(table, symbol=symbol, symbol_how=how, frequency=told.frequency)
