"""From a file's cells to typed rows, before any of them is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.ingest import symbols
from tasks.ingest.cells import numbers
from tasks.ingest.factors import Adjustment
from tasks.ingest.health import Finding
from tasks.ingest.stamps import Stamps, stamps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.ingest.columns import Columns
    from tasks.ingest.tables import Table

_NEEDED = ("open", "high", "low", "close", "volume")
_OPTIONAL = ("amount", "vwap")
_ADJUSTMENTS = (Adjustment.APPLIED, Adjustment.MULTIPLIER, Adjustment.ADJUSTED_CLOSE)
_TIMELIKE = ("date", "time", "open_time", "close_time", "known_at")


@dataclass(frozen=True, slots=True)
class Rows:
    """A file's rows, typed.

    Parameters
    ----------
    frame
        `row` (place in the file), `symbol`, `wall` (the stamp as written), prices, `volume`,
        and `amount`, `vwap`, `adjustment` where the file has them; in file order.
    stamps
        The time stamps.
    adjustment
        What the column `adjustment` is.
    reading
        Canonical column to the file's column, or the rule that stands in for one.
    findings
        What was found so far.
    """

    frame: pl.DataFrame
    stamps: Stamps
    adjustment: Adjustment
    reading: Mapping[str, str]
    findings: tuple[Finding, ...]


def read_rows(table: Table, columns: Columns) -> Rows:
    """Read all cells that bars are made of.

    Raises
    ------
    BadInput
        If times or symbols cannot be read, or the close is no column of numbers.
    """
    stamped = stamps(table, columns)
    symbol, symbol_how, named = _symbols(table, columns, stamped.times.wall)
    adjustment = next((a for a in _ADJUSTMENTS if columns.get(a.value)), Adjustment.NONE)
    cells, findings = _cells(table, columns, adjustment)
    frame = pl.DataFrame({"symbol": symbol, "wall": stamped.times.wall}).hstack(cells)
    frame = frame.with_row_index("row")
    reading = {"symbol": symbol_how, "ts": stamped.heading} | {
        name: columns.get(name) or "missing: no such column" for name in _NEEDED
    }
    reading |= {name: columns.headings[name] for name in _OPTIONAL if columns.get(name)}
    heading = columns.get(adjustment.value)
    reading["factor"] = f"{heading} {adjustment.how}" if heading else adjustment.how
    found = [
        Finding("rows_read", frame.height, frame["symbol"].n_unique()),
        *_guesses(table, columns, adjustment, stamped),
        *named,
        *findings,
    ]
    return Rows(frame, stamped, adjustment, reading, tuple(found))


def _symbols(
    table: Table, columns: Columns, wall: pl.Series
) -> tuple[pl.Series, str, list[Finding]]:
    heading = columns.get("symbol")
    if heading is not None:
        text = symbols.texts(table.read([heading]).to_series())
        there = text.drop_nulls().unique().sort()
        symbols.check(there.to_list(), heading=heading)
        # Sorting and comparing numbers is several times faster than texts.
        return text.cast(pl.Enum(there)), heading, []
    has_versions = columns.get("known_at") is not None
    if not has_versions and wall.drop_nulls().n_unique() * 2 < wall.count():
        raise BadInput(
            f"`{table.name}` has several rows for most times, and no column that could be the "
            "symbol",
            hint=f"its columns: {', '.join(map(repr, list(table.schema)[:40]))}\n"
            "name it under `data`: `columns: {symbol: <your column>}`",
        )
    name = symbols.from_file_name(table.name)
    column = pl.repeat(name, len(wall), dtype=pl.Enum([name]), eager=True).rename("symbol")
    finding = Finding("symbol_from_file_name", len(wall), 1, f"{table.name} as {name}")
    return column, "the file's name", [finding]


def _cells(
    table: Table, columns: Columns, adjustment: Adjustment
) -> tuple[pl.DataFrame, list[Finding]]:
    wanted = {name: columns.get(name) for name in (*_NEEDED, *_OPTIONAL)}
    wanted["adjustment"] = columns.get(adjustment.value)
    read: dict[str, pl.Series] = {}
    unreadable, example, commas = 0, "", []
    for name, heading in wanted.items():
        if heading is None:
            continue
        column = table.read([heading]).to_series()
        cells = numbers(column, separator=table.separator)
        read[name] = cells.values.rename(name)
        bad = cells.unreadable.arg_true()
        if name == "close" and 0 < len(bad) == column.count():
            raise _no_numbers(table, heading, column)
        if len(bad) and not unreadable:
            example = f"{table.place(bad[0], heading)}: {column[bad[0]]}"
        unreadable += len(bad)
        commas += [heading] if cells.decimal_comma else []
    frame = pl.DataFrame(read).with_columns(
        pl.lit(None, dtype=pl.Float64).alias(name) for name in _NEEDED if name not in read
    )
    return frame, [
        Finding("unreadable_number", unreadable, 0, example),
        Finding("decimal_comma", len(commas), 0, ", ".join(commas)),
    ]


def _no_numbers(table: Table, heading: str, column: pl.Series) -> BadInput:
    values = column.drop_nulls()
    return BadInput(
        f"the close of `{table.name}` holds no number, as `{values[0] if len(values) else ''}`",
        place=table.place(0, heading),
        hint="name the right column under `data`: `columns: {close: <your column>}`",
    )


def _guesses(
    table: Table, columns: Columns, adjustment: Adjustment, stamped: Stamps
) -> list[Finding]:
    guessed = [f"`{columns.headings[name]}` as {name}" for name in columns.guessed]
    findings = [Finding("column_names", len(guessed), 0, ", ".join(guessed))]
    if stamped.times.order_is_guessed:
        findings.append(Finding("date_order", len(stamped.times.wall), 0, stamped.times.how))
    read = {columns.get(name) for name in (*_NEEDED, *_OPTIONAL, *_TIMELIKE, "symbol")}
    read.add(columns.get(adjustment.value))
    unused = [heading for heading in table.schema if heading not in read]
    findings.append(Finding("unused_columns", len(unused), 0, ", ".join(unused[:10])))
    return findings
