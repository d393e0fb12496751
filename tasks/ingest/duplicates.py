"""One bar for each symbol and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.health import Finding
from tasks.ingest.order import KEY, following, previous

if TYPE_CHECKING:
    from tasks.ingest.clock import Clock


def drop_duplicates(rows: pl.DataFrame, clock: Clock) -> tuple[pl.DataFrame, list[Finding]]:
    """Keep one row for each symbol and time.

    Of equal rows, any; of versions that differ in `known_at`, the one known first, since a
    decision at that time could see no other; of rows that simply contradict each other, the last
    in the file.

    Parameters
    ----------
    rows
        `row`, `symbol`, `ts`, `known_at` and values, sorted by symbol, ts and row.
    """
    clashes = (pl.col("ts") == previous("ts")) | (pl.col("ts") == following("ts"))
    marked = rows.with_columns(clash=clashes.fill_null(value=False))
    if not marked["clash"].any():
        return rows, []
    clashing = marked.filter("clash").drop("clash")
    values = [name for name in clashing.columns if name != "row"]
    distinct = clashing.unique(values, keep="last", maintain_order=True)
    first_known = distinct.filter(pl.col("known_at") == pl.col("known_at").min().over(*KEY))
    last_written = first_known.unique(list(KEY), keep="last", maintain_order=True)
    kept = pl.concat([marked.filter(~pl.col("clash")).drop("clash"), last_written])
    return kept.sort(*KEY), [
        _lost("exact_duplicate", clashing, distinct, clock),
        _lost("revision", distinct, first_known, clock),
        _lost("conflicting_duplicate", first_known, last_written, clock),
    ]


def _lost(rule: str, before: pl.DataFrame, after: pl.DataFrame, clock: Clock) -> Finding:
    lost = before.join(after.select("row"), on="row", how="anti", maintain_order="left")
    return Finding.of(rule, lost, clock, show=("close",))
