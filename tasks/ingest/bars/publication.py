"""When each bar became public."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.health import Finding
from tasks.ingest.times.clock import localise
from tasks.ingest.times.times import times

if TYPE_CHECKING:
    from tasks.ingest.files.tables import Table
    from tasks.ingest.headings.columns import Columns
    from tasks.ingest.times.clock import Clock

_END_OF_DAY = timedelta(hours=23, minutes=59, seconds=59)


def publish(
    rows: pl.DataFrame,
    table: Table,
    columns: Columns,
    clock: Clock,
    *,
    dayfirst: bool | None = None,
) -> tuple[pl.DataFrame, str, list[Finding]]:
    """Add `known_at`: as the file says, but never before the bar's end; else the bar's end.

    A file that gives only the day is taken to mean the end of that day.

    Parameters
    ----------
    rows
        `row` and `ts`.

    Returns
    -------
    tuple
        The rows with `known_at`, where it comes from, and what was found.

    Notes
    -----
    Look-ahead: none; `known_at` is never moved to an earlier time.
    """
    heading = columns.get("known_at")
    if heading is None:
        return rows.with_columns(known_at=pl.col("ts")), "the bar's end", []
    written = times(table, heading, dayfirst=dayfirst)
    if written.kind == "instant":
        said = written.utc.dt.replace_time_zone("UTC")
    else:
        wall = written.wall + _END_OF_DAY if written.kind == "date" else written.wall
        said = localise(wall, clock.zone).utc
    rows = rows.with_columns(known_at=said.gather(rows["row"]))
    early = rows.filter(pl.col("known_at") < pl.col("ts"))
    finding = Finding.of("known_before_end", early, clock, show=("known_at",))
    rows = rows.with_columns(known_at=pl.max_horizontal("known_at", "ts"))
    return rows, heading, [finding]
