"""Adjustment for splits and dividends, anchored in the past.

A vendor's adjusted close is anchored at its last day: every later dividend changes all earlier
values. The ratio to the first bar's adjustment does not change, so it is what is kept.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.bars.order import previous
from tasks.ingest.bars.prices import PRICES
from tasks.ingest.health import Finding

if TYPE_CHECKING:
    from tasks.ingest.times.clock import Clock

# No dividend is smaller than this part of the price; changes below it are rounding.
_ROUNDING = 1e-6
# What a vendor may write, and how far a symbol may go from its first bar in a lifetime of splits;
# beyond these it is an error.
_WRITTEN = (1e-9, 1e9)
_MOVED = (1e-6, 1e6)
_NOISY_SHARE = 0.1


class Adjustment(Enum):
    """What a file knows about adjustment, and hence whether its prices are adjusted already."""

    NONE = "none"
    ADJUSTED_CLOSE = "adj_close"
    MULTIPLIER = "adj_factor"
    APPLIED = "factor"

    @property
    def how(self) -> str:
        """What is made of it, for a person."""
        return _HOW[self]


_HOW = {
    Adjustment.NONE: "1: no adjusted close and no factor",
    Adjustment.ADJUSTED_CLOSE: "over close; 1 on a symbol's first bar; prices multiplied by it",
    Adjustment.MULTIPLIER: "over its first value; prices multiplied by it",
    Adjustment.APPLIED: "over its first value; prices are adjusted already, close / factor traded",
}


def adjust(
    rows: pl.DataFrame, kind: Adjustment, clock: Clock, *, wanted: bool
) -> tuple[pl.DataFrame, list[Finding]]:
    """Adjust prices and volumes, and add `factor`.

    The factor is 1 on a symbol's first bar; ``close / factor`` is the traded price in units of
    that bar, and ``volume * factor`` the traded volume.

    Parameters
    ----------
    rows
        Sorted by symbol and ts; `adjustment`, Float64, as the file has it, if `kind` is not NONE.
    kind
        What `adjustment` is.
    wanted
        False leaves, or makes, prices and volumes unadjusted; then the factor is 1.

    Returns
    -------
    tuple
        The rows with `factor`, without `adjustment`; and what was found.

    Notes
    -----
    Look-ahead: none. A row's factor depends on its own and earlier rows of its symbol.
    """
    if kind is Adjustment.NONE:
        return rows.with_columns(factor=pl.lit(1.0)), []
    raw = pl.col("adjustment")
    if kind is Adjustment.ADJUSTED_CLOSE:
        raw = raw / pl.col("close")
    marked = rows.with_columns(adjustment=pl.when(raw.is_between(*_WRITTEN)).then(raw))
    marked = marked.with_columns(first=pl.col("adjustment").drop_nulls().first().over("symbol"))
    ratio = pl.col("adjustment") / pl.col("first")
    marked = marked.with_columns(ratio=pl.when(ratio.is_between(*_MOVED)).then(ratio))
    steps = _steps(marked) if kind is Adjustment.ADJUSTED_CLOSE else pl.col("ratio")
    done = marked.with_columns(factor=steps.forward_fill().over("symbol").fill_null(1.0))
    findings = _findings(done, clock)
    done = _apply(done, kind, wanted=wanted)
    return done.drop("adjustment", "first", "ratio"), findings


def _steps(rows: pl.DataFrame) -> pl.Expr:
    """Keep the values at which the ratio really changed."""
    known = rows.filter(pl.col("ratio").is_not_null())
    before = previous("ratio")
    changed = before.is_null() | ((pl.col("ratio") / before - 1).abs() > _ROUNDING)
    events = known.filter(changed)["row"]
    return pl.when(pl.col("row").is_in(events.implode())).then("ratio")


def _findings(rows: pl.DataFrame, clock: Clock) -> list[Finding]:
    unusable = rows.filter(pl.col("ratio").is_null())
    changes = rows.filter(pl.col("factor") != previous("factor"))
    is_noisy = changes.height > max(2, _NOISY_SHARE * rows.height)
    return [
        Finding.of("unusable_factor", unusable, clock),
        Finding.of("factor_noise", changes if is_noisy else changes.clear(), clock),
    ]


def _apply(rows: pl.DataFrame, kind: Adjustment, *, wanted: bool) -> pl.DataFrame:
    """Bring prices and volumes to the anchor, or back to what was traded."""
    applied = kind is Adjustment.APPLIED
    first = pl.col("first").fill_null(1.0)
    if wanted:
        scale = 1 / first if applied else pl.col("factor")
    else:
        scale = 1 / (first * pl.col("factor")) if applied else pl.lit(1.0)
    prices = [name for name in (*PRICES, "vwap") if name in rows.columns]
    scaled = rows.with_columns(
        *(pl.col(name) * scale for name in prices), volume=pl.col("volume") / scale
    )
    return scaled if wanted else scaled.with_columns(factor=pl.lit(1.0))
