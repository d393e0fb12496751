"""One bar for each symbol and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.ingest.bars.order import KEY, following, previous
from tasks.ingest.health import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.ingest.times.clock import Clock

MANY = 20
"""Rows that contradict others: up to so many are dropped, however few bars there are."""


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


def refuse_contradictions(findings: Sequence[Finding], kept: int, *, file: str) -> None:
    """Refuse a file of which most bars are contradicted by other rows.

    Its rows are of something else than bars: of fields, venues, or contracts. Which of them is
    meant cannot be told, and the last in the file would be a guess.

    Parameters
    ----------
    kept
        How many bars are left.

    Raises
    ------
    BadInput
        Naming a time that has several rows.
    """
    for finding in findings:
        if finding.rule == "conflicting_duplicate" and finding.count > max(MANY, kept / 2):
            raise BadInput(
                f"most times of `{file}` stand in several rows that differ, as {finding.example}",
                hint="a bar has one row for each symbol and time. Perhaps a column tells rows "
                "apart (a venue, a contract, a field): name it under `data`, as `columns: "
                "{symbol: <your column>}`, or keep one kind of rows",
            )


def _lost(rule: str, before: pl.DataFrame, after: pl.DataFrame, clock: Clock) -> Finding:
    lost = before.join(after.select("row"), on="row", how="anti", maintain_order="left")
    return Finding.of(rule, lost, clock, show=("close",))
