"""Parts of one source that are not written alike: each is read by itself, then put in one form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.ingest.bars.factors import Adjustment
from tasks.ingest.headings.columns import assign
from tasks.ingest.rows import Rows, read_rows
from tasks.ingest.times.stamps import temporal
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.ingest.files.tables import Table
    from tasks.ingest.headings.columns import Columns
    from taskspecs.schema import DataSpec

_NUMBERS = ("open", "high", "low", "close", "volume", "amount", "vwap")
_KEPT = frozenset(
    {"unreadable_number", "midpoint_price", "units", "unit_mismatch", "tick_volume"}
    | {"decimal_comma", "decimal_guess", "symbol_renamed"}
)
"""What is found in a part and is not there to be found any more in the whole."""


def written_alike(tables: Sequence[Table]) -> bool:
    """Whether tables have the same headings and the same mark between their cells."""
    return len({(frozenset(table.schema), table.delimiter) for table in tables}) == 1


def in_one_form(tables: Sequence[Table], data: DataSpec) -> list[Table]:
    """Read each table by its own headings, decimal mark, dates and units, never by another's.

    Parameters
    ----------
    tables
        Parts of one source, each with its symbol if no column of it names one.
    data
        The `data` section of a spec. Units that it tells are left to whoever reads the whole.

    Returns
    -------
    list of Table
        Under canonical headings; numbers and times typed, volumes in shares.

    Raises
    ------
    BadInput
        If a part is none of bars, or parts stamp their bars in ways that cannot stand in a column.
    """
    read = [_read(table, data) for table in tables]
    _refuse_other_times(tables, [rows for rows, _ in read])
    adjustment = _adjustment(tables, [rows for rows, _ in read])
    settled = [
        _table(table, rows, columns, adjustment)
        for table, (rows, columns) in zip(tables, read, strict=True)
    ]
    said = Understood("shape", "parts that are written in different ways, each read in its own")
    settled[0] = replace(settled[0], understood=(*settled[0].understood, said))
    return settled


def _read(table: Table, data: DataSpec) -> tuple[Rows, Columns]:
    named = {key: heading for key, heading in data.columns.items() if heading in table.schema}
    columns = assign(table.schema, named, file=table.name, temporal=temporal(table))
    own = data.model_copy(
        update={
            "decimal": None,
            "price_unit": None,
            "volume_unit": 1.0 if data.volume_unit else None,
            "amount_unit": 1.0 if data.amount_unit else None,
        }
    )
    unscaled = replace(table, price_unit=1.0)
    try:
        return read_rows(unscaled, columns, own), columns
    except BadInput:
        if data.decimal is None:
            raise
        # What a part tells by itself goes before what is told of all of them.
        told = own.model_copy(update={"decimal": data.decimal})
        return read_rows(unscaled, columns, told), columns


def _refuse_other_times(tables: Sequence[Table], read: Sequence[Rows]) -> None:
    def form(rows: Rows) -> tuple[bool, str | None, str]:
        times = rows.stamps.times
        return times.kind == "instant", times.zone, rows.stamps.role

    first = form(read[0])
    for table, rows in zip(tables, read, strict=True):
        if form(rows) != first or first[1] is not None:
            raise BadInput(
                f"`{tables[0].name}` and `{table.name}` are not written alike, and their times "
                f"cannot stand in one column: {read[0].stamps.heading} holds "
                f"{read[0].stamps.times.how}, {rows.stamps.heading} holds {rows.stamps.times.how}",
                hint="give files whose times all carry a zone, or none, in one source",
            )


def _adjustment(tables: Sequence[Table], read: Sequence[Rows]) -> Adjustment:
    """Return what the parts know about adjustment; those that know nothing agree with any."""
    known = {rows.adjustment: table.name for table, rows in zip(tables, read, strict=True)}
    known.pop(Adjustment.NONE, None)
    if len(known) > 1:
        said = ", ".join(f"`{name}` has {kind.value}" for kind, name in known.items())
        raise BadInput(
            f"the files of one source know of adjustment in different ways: {said}",
            hint="give files of one vendor in one source",
        )
    return next(iter(known), Adjustment.NONE)


def _table(table: Table, rows: Rows, columns: Columns, adjustment: Adjustment) -> Table:
    times = rows.stamps.times
    stamp = times.utc.dt.replace_time_zone("UTC") if times.kind == "instant" else times.wall
    cells = {"symbol": rows.frame["symbol"].cast(pl.String), rows.stamps.role: stamp}
    cells |= {name: rows.frame[name] for name in _NUMBERS if name in rows.frame.columns}
    if rows.adjustment is not Adjustment.NONE:
        cells[adjustment.value] = rows.frame["adjustment"]
    elif adjustment is not Adjustment.NONE:
        traded = adjustment is Adjustment.ADJUSTED_CLOSE
        cells[adjustment.value] = rows.frame["close"] if traded else pl.repeat(
            1.0, rows.frame.height, eager=True
        )  # fmt: skip
    known_at = columns.get("known_at")
    if known_at is not None:
        cells["known_at"] = table.read([known_at]).to_series().cast(pl.String)
    frame = pl.DataFrame(cells)
    kept = tuple(found for found in rows.findings if found.rule in _KEPT and found.count)
    return replace(
        table,
        schema=dict(frame.schema),
        _cells=frame,
        delimiter=None,
        is_canonical=True,
        findings=(*table.findings, *kept),
    )
