"""What ingest returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import polars as pl

    from tasks.ingest.understanding import Understood
    from taskspecs.frequencies import Frequency


@dataclass(frozen=True, slots=True)
class Found:
    """What a source turned out to hold."""

    frequency: Frequency
    zone: str
    first: datetime
    last: datetime
    symbols: int
    rows: int


@dataclass(frozen=True, slots=True)
class Ingested:
    """A source, refined.

    Parameters
    ----------
    bars
        `symbol: String, ts: Datetime("us", "UTC")` (end of bar), `open, high, low, close, volume,
        factor: Float64, known_at: Datetime("us", "UTC")`, and `amount`, `vwap: Float64` where the
        source has them; sorted by symbol and ts, unique. Prices are adjusted; ``close / factor``
        is the traded price. Bars in which nobody traded have null prices and volume.
    health
        `rule, action, count, symbols, example, meaning`; rows read are rows delivered plus
        the counts of rules that dropped rows.
    reading
        Canonical column to the file's column, or the rule that stands in for one.
    found
        What the source turned out to hold.
    understood
        What was concluded of the file, layer by layer.
    seen_at
        When the file was taken in; bars that end later are left out.
    last_end
        When the last bar of the file ends, also of those that are left out.
    """

    bars: pl.DataFrame
    health: pl.DataFrame
    reading: Mapping[str, str]
    found: Found
    understood: tuple[Understood, ...] = ()
    seen_at: datetime | None = None
    last_end: datetime | None = None
