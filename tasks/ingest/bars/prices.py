"""Prices that can be prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.health import Finding

if TYPE_CHECKING:
    from tasks.ingest.times.clock import Clock

PRICES = ("open", "high", "low", "close")
MAX_PRICE, MIN_PRICE, MAX_VOLUME = 1e12, 1e-12, 1e18
"""Beyond these a cell is a vendor's sign for "none" (the largest float, say), not a number."""
_SIGNS = (-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, -999999.0, -99.9, -99.99, -999.99)
"""Numbers below zero by which sources say that there is none."""
_LIMITS = dict.fromkeys((*PRICES, "vwap"), MAX_PRICE) | dict.fromkeys(
    ("volume", "amount"), MAX_VOLUME
)


def drop_absurd(rows: pl.DataFrame, clock: Clock) -> tuple[pl.DataFrame, list[Finding]]:
    """Take infinite and absurd cells as missing."""
    columns = [name for name in _LIMITS if name in rows.columns]
    absurd = {name: _is_absurd(name) for name in columns}
    hit = rows.filter(pl.any_horizontal(absurd.values()))
    if hit.is_empty():
        return rows, []
    cells = hit.select(pl.sum_horizontal(absurd.values()).sum()).item()
    finding = Finding.of("absurd_number", hit, clock, show=columns, count=cells)
    return rows.with_columns(_emptied(name, absurd[name]) for name in columns), [finding]


def _is_absurd(name: str) -> pl.Expr:
    size = pl.col(name).abs()
    absurd = size.is_infinite() | (size > _LIMITS[name])
    if name in {*PRICES, "vwap"}:
        absurd |= (size > 0) & (size < MIN_PRICE)
    return absurd.fill_null(value=False)


def _emptied(name: str, where: pl.Expr) -> pl.Expr:
    return pl.when(~where).then(name).alias(name)


def drop_unusable(rows: pl.DataFrame, clock: Clock) -> tuple[pl.DataFrame, list[Finding]]:
    """Drop rows without a close; empty the other prices that cannot be.

    Prices below zero are real for some contracts and for spreads: they stay, and are flagged, in a
    file whose closes are below zero, unless one number stands there for none, as -1 or -99.
    """
    negative = rows["close"].filter(rows["close"] < 0).unique()
    are_real = len(negative) > 1 or (len(negative) == 1 and negative[0] not in _SIGNS)
    usable = pl.col("close") != 0 if are_real else pl.col("close") > 0
    empty = rows.filter(pl.col("close").is_null())
    wrong = rows.filter(~usable)
    kept = rows.filter(usable)
    findings = [
        Finding.of("missing_close", empty, clock),
        Finding.of("nonpositive_close", wrong, clock, show=("close",)),
        Finding.of("negative_price", kept.filter(pl.col("close") < 0), clock, show=("close",)),
    ]
    others = [name for name in ("open", "high", "low", "vwap") if name in rows.columns]
    wrongly = {
        name: (pl.col(name).is_in(_SIGNS) | (pl.col(name) == 0) if are_real else pl.col(name) <= 0)
        for name in others
    }
    bad = {name: where.fill_null(value=False) for name, where in wrongly.items()}
    hit = kept.filter(pl.any_horizontal(bad.values()))
    if len(hit):
        cells = hit.select(pl.sum_horizontal(bad.values()).sum()).item()
        findings.append(
            Finding.of("nonpositive_price", hit, clock, show=("open", "high", "low"), count=cells)
        )
        kept = kept.with_columns(_emptied(name, bad[name]) for name in others)
    return kept, findings


def widen(rows: pl.DataFrame, clock: Clock) -> tuple[pl.DataFrame, list[Finding]]:
    """Let high and low hold all prices of their bar; count cells that are missing.

    Missing cells stay missing: high and low are compared with the prices that are there.
    """
    top, bottom = pl.max_horizontal(PRICES), pl.min_horizontal(PRICES)
    violated = rows.filter((pl.col("high") < top) | (pl.col("low") > bottom))
    findings = [Finding.of("ohlc_violation", violated, clock, show=PRICES)]
    if len(violated):
        rows = rows.with_columns(
            high=pl.when(pl.col("high").is_not_null()).then(top),
            low=pl.when(pl.col("low").is_not_null()).then(bottom),
        )
    missing = rows.filter(pl.any_horizontal(pl.col("open", "high", "low").is_null()))
    cells = sum(missing.select("open", "high", "low").null_count().row(0))
    findings.append(Finding.of("missing_price", missing, clock, show=PRICES, count=cells))
    return rows, findings
