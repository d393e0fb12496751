"""From a file's cells to typed rows, before any of them is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.ingest.bars import symbols, units
from tasks.ingest.bars.factors import Adjustment
from tasks.ingest.cells.cells import FRACTION, MISSING, numbers
from tasks.ingest.cells.numerals import Decimal, decide
from tasks.ingest.files.cellkinds import kind
from tasks.ingest.headings.headings import plain
from tasks.ingest.health import Finding
from tasks.ingest.times.stamps import Stamps, stamps
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.ingest.files.tables import Table
    from tasks.ingest.headings.columns import Columns
    from taskspecs.schema import DataSpec

_PRICES = ("open", "high", "low", "close")
_NEEDED = (*_PRICES, "volume")
_OPTIONAL = ("amount", "vwap")
_ADJUSTMENTS = (Adjustment.APPLIED, Adjustment.MULTIPLIER, Adjustment.ADJUSTED_CLOSE)
_TIMELIKE = ("date", "time", "open_time", "close_time", "known_at")
_OTHERS, _SAMPLE = 20, 50
_MIDPOINTS = frozenset({"prc", "dlyprc"})
"""CRSP writes the middle of bid and ask, where nothing was traded, as a negative price."""
_TREASURY = "^\\s*\\d{2,3}['\u2019](?:[0-2]\\d|3[01])[0257]\\s*$"


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
    findings, understood
        What was found and concluded so far.
    """

    frame: pl.DataFrame
    stamps: Stamps
    adjustment: Adjustment
    reading: Mapping[str, str]
    findings: tuple[Finding, ...]
    understood: tuple[Understood, ...] = ()


def read_rows(table: Table, columns: Columns, data: DataSpec) -> Rows:
    """Read all cells that bars are made of.

    Raises
    ------
    BadInput
        If times or symbols cannot be read, nothing tells the decimal mark, prices are fractions,
        or a column of prices holds no numbers.
    """
    stamped = stamps(table, columns, dayfirst=data.dayfirst)
    symbol, symbol_how, named = _symbols(table, columns, stamped.times.wall)
    adjustment = next((a for a in _ADJUSTMENTS if columns.get(a.value)), Adjustment.NONE)
    headings, swapped = _volume(table, columns)
    cells = _Cells(table, headings, adjustment, columns, data, stamped)
    frame = pl.DataFrame({"symbol": symbol, "wall": stamped.times.wall}).hstack(cells.frame)
    frame = frame.with_row_index("row")
    frame, midpoints = _traded(frame, headings)
    frame, unit = _scaled(frame, table, headings, data)
    reading = {"symbol": symbol_how, "ts": stamped.heading} | {
        name: headings.get(name) or "missing: no such column" for name in _NEEDED
    }
    reading |= {name: headings[name] for name in _OPTIONAL if headings.get(name)}
    heading = columns.get(adjustment.value)
    reading["factor"] = f"{heading} {adjustment.how}" if heading else adjustment.how
    missing = [name for name in _NEEDED if name not in headings]
    found = [
        Finding("rows_read", frame.height, frame["symbol"].n_unique()),
        *_guesses(table, columns, adjustment, stamped),
        Finding("missing_columns", len(missing), 0, ", ".join(missing)),
        *named,
        *swapped,
        *unit.findings,
        *midpoints,
        *cells.findings,
    ]
    understood = (_of_decimal(cells.decimal), _of_dates(stamped, data), *unit.understood)
    return Rows(frame, stamped, adjustment, reading, tuple(found), understood)


def _of_decimal(decimal: Decimal) -> Understood:
    other = "," if decimal.mark == "." else "."
    name = "point" if decimal.mark == "." else "comma"
    why = f" ({decimal.why})" if decimal.why else ""
    return Understood("decimal mark", f"{name}{why}", decimal.certainty, f"decimal: '{other}'")


def _of_dates(stamped: Stamps, data: DataSpec) -> Understood:
    how = stamped.times.how
    if not stamped.times.order_is_guessed:
        return Understood("dates", how)
    line = f"dayfirst: {'false' if 'day first' in how else 'true'}"
    return Understood("dates", how, "told" if data.dayfirst is not None else "guessed", line)


def _symbols(
    table: Table, columns: Columns, wall: pl.Series
) -> tuple[pl.Series, str, list[Finding]]:
    heading = columns.get("symbol")
    if heading is not None:
        text, renamed = symbols.acceptable(symbols.texts(table.read([heading]).to_series()))
        there = text.drop_nulls().unique().sort()
        symbols.check(there.to_list(), heading=heading)
        # Sorting and comparing numbers is several times faster than texts.
        return text.cast(pl.Enum(there)), heading, [renamed]
    has_versions = columns.get("known_at") is not None
    if not has_versions and wall.drop_nulls().n_unique() * 2 < wall.count():
        raise BadInput(
            f"`{table.name}` has several rows for most times, and no column that could be the "
            "symbol",
            hint=f"its columns: {', '.join(map(repr, list(table.schema)[:40]))}\n"
            "name it under `data`: `columns: {symbol: <your column>}`",
        )
    name, how = symbols.of_table(table)
    column = pl.repeat(name, len(wall), dtype=pl.Enum([name]), eager=True).rename("symbol")
    finding = Finding("symbol_from_file_name", len(wall), 1, f"{table.name} as {name}")
    return column, how, [finding] if how == "the file's name" else []


def _volume(table: Table, columns: Columns) -> tuple[dict[str, str], list[Finding]]:
    """Take the count of ticks for the volume where there is no other, and say so."""
    headings = dict(columns.headings)
    ticks, volume = headings.pop("tick_volume", None), headings.get("volume")
    if ticks is None:
        return headings, []
    if volume is not None:
        values = numbers(table.read([volume]).to_series()).values
        if (values > 0).any():
            return headings, []
    headings["volume"] = ticks
    why = f"`{volume}` is zero throughout" if volume else "there is no other"
    return headings, [Finding("tick_volume", table.read([ticks]).height, 0, f"`{ticks}`: {why}")]


class _Cells:
    """All columns of numbers of a table, read with one decimal mark."""

    def __init__(  # noqa: PLR0917
        self,
        table: Table,
        headings: Mapping[str, str],
        adjustment: Adjustment,
        columns: Columns,
        data: DataSpec,
        stamped: Stamps,
    ) -> None:
        wanted = {name: headings.get(name) for name in (*_NEEDED, *_OPTIONAL)}
        wanted["adjustment"] = columns.get(adjustment.value)
        there = {name: heading for name, heading in wanted.items() if heading is not None}
        written = {name: table.read([heading]).to_series() for name, heading in there.items()}
        plain = {
            name: column.cast(pl.Float64, strict=False)
            for name, column in written.items()
            if column.dtype == pl.String
        }
        self.decimal = decide(
            _numeric(table, columns) | {there[name]: column for name, column in written.items()},
            name=table.name,
            delimiter=table.delimiter,
            told=data.decimal,
            place=table.place(0),
            by_machine=stamped.times.kind != "date",
            plain={there[name]: values for name, values in plain.items()},
        )
        self._read(table, there, written, plain)

    def _read(
        self,
        table: Table,
        headings: Mapping[str, str],
        written: Mapping[str, pl.Series],
        plain: Mapping[str, pl.Series],
    ) -> None:
        read: dict[str, pl.Series] = {}
        unreadable, example = 0, ""
        for name, column in written.items():
            cells = numbers(column, decimal=self.decimal.mark, plain=plain.get(name))
            read[name] = cells.values.rename(name)
            bad = cells.unreadable.arg_true()
            is_plain = name not in plain or plain[name].null_count() == column.null_count()
            if name in {*_PRICES, "vwap", "adjustment"} and not is_plain:
                _refuse_fractions(table, headings[name], column, bad)
            counted = len(bad) and name in {*_PRICES, "volume", "amount"}
            if counted and 2 * len(bad) > column.count() - _missing(column):
                raise _no_numbers(table, name, headings[name], column, bad)
            if len(bad) and not unreadable:
                example = f"{table.place(bad[0], headings[name])}: {column[bad[0]]}"
            unreadable += len(bad)
        self.frame = pl.DataFrame(read).with_columns(
            pl.lit(None, dtype=pl.Float64).alias(name) for name in _NEEDED if name not in read
        )
        comma = [headings[name] for name in written] if self.decimal.mark == "," else []
        self.findings = [
            Finding("unreadable_number", unreadable, 0, example),
            Finding(
                "decimal_guess",
                int(self.decimal.certainty == "guessed"),
                0,
                f"a decimal {'point' if self.decimal.mark == '.' else 'comma'}: {self.decimal.why}",
            ),
            Finding("decimal_comma", len(comma), 0, ", ".join(comma)),
        ]


def _numeric(table: Table, columns: Columns) -> dict[str, pl.Series]:
    """Return the other columns that hold numbers as text: they tell the decimal mark as well."""
    used = set(columns.headings.values())
    rest = [h for h, dtype in table.schema.items() if dtype == pl.String and h not in used]
    found = {}
    for heading in rest[:_OTHERS]:
        column = table.read([heading]).to_series()
        said = [cell for cell in column.head(_SAMPLE).to_list() if cell]
        if said and all(kind(cell) in {"number", "digits", "empty"} for cell in said):
            found[heading] = column
    return found


def _missing(column: pl.Series) -> int:
    if column.dtype != pl.String:
        return 0
    return int(column.drop_nulls().str.strip_chars().str.to_lowercase().is_in(MISSING).sum())


def _refuse_fractions(table: Table, heading: str, column: pl.Series, unreadable: pl.Series) -> None:
    """Refuse prices in parts of a whole that the file does not name, as 97-16 and 97 1/32."""
    bad = column.gather(unreadable).str.contains(FRACTION)
    hit = unreadable.filter(bad) if len(unreadable) else unreadable
    if not len(hit):
        marked = column.filter(
            column.str.contains("'", literal=True) | column.str.contains("\u2019", literal=True)
        )
        if len(marked) and marked.str.contains(_TREASURY).all():
            hit = column.str.contains("['\u2019]").fill_null(value=False).arg_true()
    if len(hit):
        raise BadInput(
            f"`{column[hit[0]]}` looks like a price in 32nds or other parts of a whole",
            place=table.place(hit[0], heading),
            hint="write prices as decimal numbers: 97-16 in 32nds is 97.5",
        )


def _no_numbers(
    table: Table, name: str, heading: str, column: pl.Series, bad: pl.Series
) -> BadInput:
    return BadInput(
        f"the {name} of `{table.name}` holds no number in most rows, as `{column[bad[0]]}`",
        place=table.place(bad[0], heading),
        hint=f"name the right column under `data`: `columns: {{{name}: <your column>}}`; if it is "
        "this one, `decimal: ','` or `decimal: '.'` says how its numbers are written",
    )


def _traded(frame: pl.DataFrame, headings: Mapping[str, str]) -> tuple[pl.DataFrame, list[Finding]]:
    if plain(headings.get("close", "")) not in _MIDPOINTS:
        return frame, []
    middle = int((frame["close"] < 0).sum())
    finding = Finding("midpoint_price", middle, 0, headings["close"])
    return frame.with_columns(pl.col("close").abs()), [finding]


def _scaled(
    frame: pl.DataFrame, table: Table, headings: Mapping[str, str], data: DataSpec
) -> tuple[pl.DataFrame, units.Units]:
    """Bring prices, volumes and amounts to whole units of money and single shares."""
    unit = data.price_unit or table.price_unit
    if unit != 1.0:
        prices = [name for name in (*_PRICES, "vwap") if name in frame.columns]
        # A division by a whole number keeps decimals that a product with 1e-9 would not.
        parts = round(1 / unit) if unit < 1 else 0
        scale = 1 / unit if abs(parts * unit - 1) > 1e-12 else float(parts)
        frame = frame.with_columns(pl.col(name) / scale for name in prices)
    told = units.tell(frame, headings, data)
    scales = {"volume": told.volume, "amount": told.amount}
    scales = {name: by for name, by in scales.items() if name in frame.columns and by != 1.0}
    return frame.with_columns(pl.col(name) * by for name, by in scales.items()), told


def _guesses(
    table: Table, columns: Columns, adjustment: Adjustment, stamped: Stamps
) -> list[Finding]:
    guessed = [f"`{columns.headings[name]}` as {name}" for name in columns.guessed]
    findings = [Finding("column_names", len(guessed), 0, ", ".join(guessed))]
    if stamped.times.order_is_guessed:
        findings.append(Finding("date_order", len(stamped.times.wall), 0, stamped.times.how))
    read = {columns.get(name) for name in (*_NEEDED, *_OPTIONAL, *_TIMELIKE, "symbol")}
    read |= {columns.get(adjustment.value), columns.get("tick_volume")}
    unused = [heading for heading in table.schema if heading not in read]
    findings.append(Finding("unused_columns", len(unused), 0, ", ".join(unused[:10])))
    return findings
