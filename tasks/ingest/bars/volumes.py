"""Volumes, and the bars in which nobody traded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.bars.prices import PRICES
from tasks.ingest.health import Finding

if TYPE_CHECKING:
    from tasks.ingest.times.clock import Clock

_QUANTITIES = ("volume", "amount")


def drop_negative(rows: pl.DataFrame, clock: Clock) -> tuple[pl.DataFrame, list[Finding]]:
    """Take negative volumes and amounts as missing."""
    columns = [name for name in _QUANTITIES if name in rows.columns]
    negative = {name: (pl.col(name) < 0).fill_null(value=False) for name in columns}
    hit = rows.filter(pl.any_horizontal(negative.values()))
    if hit.is_empty():
        return rows, []
    cells = hit.select(pl.sum_horizontal(negative.values()).sum()).item()
    finding = Finding.of("negative_volume", hit, clock, show=columns, count=cells)
    emptied = (pl.when(~negative[name]).then(name).alias(name) for name in columns)
    return rows.with_columns(emptied), [finding]


def empty_suspended(rows: pl.DataFrame, clock: Clock) -> tuple[pl.DataFrame, list[Finding]]:
    """Empty the bars that a source made up while nothing was traded.

    Such a bar has no volume and four equal prices. Its row stays, so that windows go on counting
    the calendar, as they do in qlib. In a file without any volume, and of a symbol for which it is
    missing throughout, as that of an index or a fund, nothing is concluded.

    Notes
    -----
    Look-ahead: none beyond the row, apart from whether its symbol has volumes at all.
    """
    traded = (pl.col("volume") > 0).fill_null(value=False)
    if not rows.select(traded.any()).item():
        zeros = rows.filter(pl.col("volume") == 0)
        return rows, [Finding.of("zero_volume", zeros, clock)]
    flat = pl.all_horizontal(pl.col(name) == pl.col("close") for name in PRICES)
    counted = pl.col("volume").is_not_null().any().over("symbol")
    suspended = ~traded & flat.fill_null(value=False) & counted
    findings = [
        Finding.of("no_volume", rows.filter(~traded), clock, show=("close", "volume")),
        Finding.of("suspended", rows.filter(suspended), clock, show=("close", "volume")),
    ]
    columns = [n for n in (*PRICES, *_QUANTITIES, "vwap") if n in rows.columns]
    emptied = (pl.when(~suspended).then(name).alias(name) for name in columns)
    return rows.with_columns(emptied) if findings[1].count else rows, findings
