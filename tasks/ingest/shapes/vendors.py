"""What some vendors' headings mean that a dictionary of headings does not say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.headings.headings import plain
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.ingest.files.tables import Table

_PRICES = ("open", "high", "low", "close")
_FIXED_POINT = 1e-9
_FROM = 1e7
"""A price of one cent in units of 1e-9; below it whole numbers are prices as they are."""


def settle(table: Table) -> Table:
    """Apply what is known of the vendor whose headings these are."""
    for rule in RULES:
        table = rule(table)
    return table


def _databento(table: Table) -> Table:
    """Databento: stamps are starts, prices whole numbers of 1e-9, symbols numbers or names."""
    headings = {plain(heading): heading for heading in table.schema}
    if "tsevent" not in headings or not {"rtype", "instrumentid", "publisherid"} & headings.keys():
        return table
    renamed = {headings["tsevent"]: "open_time"}
    for other in ("instrumentid", "publisherid"):
        if "symbol" in headings and other in headings:
            renamed[headings[other]] = f"{other} (not read)"
    frame = table.frame.rename(renamed)
    table = replace(table, schema=dict(frame.schema), _cells=frame)
    prices = [frame[name].drop_nulls() for name in _PRICES if name in frame.columns]
    if not prices or not all(_is_fixed_point(column) for column in prices):
        return table
    said = Understood("price unit", "1e-9, as Databento writes prices", "sure", "price_unit: 1")
    return replace(table, price_unit=_FIXED_POINT, understood=(*table.understood, said))


def _is_fixed_point(column: pl.Series) -> bool:
    if column.dtype == pl.String:
        whole = column.str.contains(r"^-?\d+$").all()
    else:
        whole = column.dtype.is_integer()
    values = column.cast(pl.Float64, strict=False).abs().drop_nulls()
    return bool(whole and len(values) and (values.quantile(0.5) or 0) >= _FROM)


RULES: tuple[Callable[[Table], Table], ...] = (_databento,)
