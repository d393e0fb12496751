"""Which rows a study sees: those with a time and a symbol, of its symbols, in its period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, in_spec
from tasks.ingest.health import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tasks.ingest.times.clock import Clock


class NothingInPeriod(BadInput):
    """A file has no bars in the period that is asked for."""


def drop_nameless(rows: pl.DataFrame, *, file: str) -> tuple[pl.DataFrame, list[Finding]]:
    """Drop rows without a time or a symbol.

    Parameters
    ----------
    rows
        `row`, `symbol`, `wall`.

    Raises
    ------
    BadInput
        If none is left.
    """
    timeless = rows.filter(pl.col("wall").is_null())
    timed = rows.filter(pl.col("wall").is_not_null())
    nameless = timed.filter(pl.col("symbol").is_null())
    kept = timed.filter(pl.col("symbol").is_not_null())
    if kept.is_empty():
        raise BadInput(f"no row of `{file}` has both a time and a symbol")
    findings = [
        Finding("no_time", timeless.height, timeless["symbol"].n_unique(), _first(timeless)),
        Finding("no_symbol", nameless.height, 0, _first(nameless)),
    ]
    return kept, findings


def _first(rows: pl.DataFrame) -> str:
    return f"row {rows['row'][0] + 1}" if len(rows) else ""


def keep_wanted(
    rows: pl.DataFrame, wanted: Sequence[str] | None
) -> tuple[pl.DataFrame, list[Finding]]:
    """Keep the rows of the symbols that a spec names; all without such a list."""
    if wanted is None:
        return rows, []
    is_wanted = pl.col("symbol").is_in(list(wanted))
    others = rows.filter(~is_wanted)["symbol"]
    example = str(others[0]) if len(others) else ""
    finding = Finding("other_symbols", len(others), others.n_unique(), example)
    return rows.filter(is_wanted), [finding]


def keep_period(
    rows: pl.DataFrame, clock: Clock, start: date | None, end: date | None, *, file: str
) -> tuple[pl.DataFrame, list[Finding]]:
    """Keep bars whose day, in the source's zone, is within the period; both days included.

    Raises
    ------
    NothingInPeriod
        If the period has no bars; it says which period has.
    """
    day = pl.col("ts").dt.convert_time_zone(clock.zone).dt.date()
    inside = pl.lit(value=True)
    if start:
        inside &= day >= start
    if end:
        inside &= day <= end
    outside = rows.filter(~inside)
    kept = rows.filter(inside)
    if kept.is_empty():
        first, last = rows.select(day.min().alias("first"), day.max().alias("last")).row(0)
        wanted = (f" from {start}" if start else "") + (f" up to {end}" if end else "")
        raise NothingInPeriod(
            f"`{file}` has no bars{wanted}",
            place=in_spec("data.start" if start else "data.end"),
            hint=f"it has bars from {first} to {last}",
        )
    return kept, [Finding.of("outside_period", outside, clock)]
