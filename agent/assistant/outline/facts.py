"""What bars tell of how they can be studied and traded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from taskspecs.fields import BAR_FIELDS

if TYPE_CHECKING:
    from datetime import date

    from taskspecs.frequencies import Frequency

MOST_COUNTED = 0.05
"""Share of bars on Saturdays and Sundays beyond which a market has no weekend."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of some bars.

    Parameters
    ----------
    symbols
        All that have bars, sorted.
    beside
        How many of them have a bar at the same time, in the median.
    bars
        Bars of the symbol that has most.
    frequency
        Distance between them.
    first, last
        Their first and last day, UTC.
    missing
        Fields without any value, as ``volume`` in a file of closes.
    weekends
        Whether they are dealt in at weekends, too.
    price
        The median price that was paid.
    """

    symbols: tuple[str, ...]
    beside: int
    bars: int
    frequency: Frequency
    first: date
    last: date
    missing: frozenset[str]
    weekends: bool
    price: float

    @property
    def single(self) -> bool:
        """Whether there is nothing to choose between: one symbol at a time."""
        return self.beside < 2


def learn(bars: pl.DataFrame, frequency: Frequency) -> Facts:
    """Learn what bars are like.

    Parameters
    ----------
    bars
        As ingest returns them; at least one row.

    Notes
    -----
    Look-ahead: it looks at the whole period: for outlining a study, not for trading.
    """
    dealt = bars.filter(pl.col("close").is_not_null())
    counts = dealt.group_by("ts").len()["len"]
    days = dealt["ts"].dt.weekday()
    paid = (dealt["close"] / dealt["factor"]).median() if "factor" in dealt.columns else None
    return Facts(
        symbols=tuple(bars["symbol"].unique().sort().to_list()),
        beside=int(counts.median() or 0),  # type: ignore[arg-type]
        bars=int(dealt.group_by("symbol").len()["len"].max() or 0),  # type: ignore[arg-type]
        frequency=frequency,
        first=bars["ts"].min().date(),  # type: ignore[union-attr]
        last=bars["ts"].max().date(),  # type: ignore[union-attr]
        missing=missing_fields(bars),
        weekends=float((days >= 6).mean() or 0.0) > MOST_COUNTED,  # type: ignore[arg-type]
        price=float(paid or 1.0),  # type: ignore[arg-type]
    )


def missing_fields(bars: pl.DataFrame) -> frozenset[str]:
    """Name the fields of bars that have no value at all."""
    return frozenset(
        name
        for name in BAR_FIELDS
        if name not in bars.columns or not bars[name].is_not_null().any()
    )
