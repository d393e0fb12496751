"""What a flow made of some records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tasks.detection import patterns
from tasks.detection.series import scores
from tasks.streams.order.gaps import NEVER
from tasks.streams.windows.frames import concat
from tasks.streams.windows.rows import NO_BARS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasks.streams.event import Event
    from tasks.streams.order.gaps import Gap, Want

PATTERNS: Final[dict[str, pl.DataType]] = {**patterns.SCHEMA, "severity": pl.Float64()}
"""`severity`: see `tasks.streams.severity`; it orders patterns, a crash above a blip."""
NO_PATTERNS: Final = pl.DataFrame(schema=PATTERNS)
NO_SCORES: Final = pl.DataFrame(schema=scores.SCHEMA)
NO_FEATURES: Final = pl.DataFrame(schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")})


@dataclass(slots=True)
class Outputs:
    """What became certain with the records of one push.

    However records are cut into pushes, outputs that are put behind each other are the same bytes.

    Attributes
    ----------
    events
        Clean events, in the order in which they went on.
    bars
        Bars that closed, columns of `rows.BARS`, by (ts, symbol).
    features
        `symbol, ts` and a column for each feature and each that `then` made, of the same bars; of
        those that `then` filtered out none.
    scores
        What detectors measured; columns of `tasks.detection.series.scores.SCHEMA`.
    patterns
        What they said, columns of PATTERNS.
    gaps, wants
        What is missing, and what of it the history should be asked for.
    drops
        Messages and events that went no further, by reason.
    late
        Events that came after their time was over.
    notes
        What was noticed and dropped nothing, by name.
    replies
        What became of documents and ratings: `spec`, `refused`, `feedback`, each with what there is
        to say of it.
    thresholds
        How far ratings have moved each detector, by its name and what it watches; 1 is not at all.
    watermark_us
        Up to which time bars are complete; None before any event.
    lag_us
        How far behind its newest record's arrival the watermark is; None before any event.
    """

    events: list[Event] = field(default_factory=list)
    bars: pl.DataFrame = field(default_factory=lambda: NO_BARS)
    features: pl.DataFrame = field(default_factory=lambda: NO_FEATURES)
    scores: pl.DataFrame = field(default_factory=lambda: NO_SCORES)
    patterns: pl.DataFrame = field(default_factory=lambda: NO_PATTERNS)
    gaps: list[Gap] = field(default_factory=list)
    wants: list[Want] = field(default_factory=list)
    drops: Counter[str] = field(default_factory=Counter)
    late: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    replies: list[Mapping[str, Any]] = field(default_factory=list)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    watermark_us: int | None = None
    lag_us: int | None = None

    def columns(self) -> dict[str, list[Any]]:
        """Return the clean events as columns, by the names of their fields."""
        if not self.events:
            return {}
        names = self.events[0].__struct_fields__
        return {name: [getattr(event, name) for event in self.events] for name in names}


def put_together(parts: Sequence[Outputs]) -> Outputs:
    """Return the outputs of several pushes, one after the other, as if they were of one."""
    whole = Outputs()
    for part in parts:
        whole.events += part.events
        whole.gaps += part.gaps
        whole.wants += part.wants
        whole.drops += part.drops
        whole.notes += part.notes
        whole.late += part.late
        whole.replies += part.replies
        whole.thresholds = part.thresholds
        whole.watermark_us, whole.lag_us = part.watermark_us, part.lag_us
    whole.bars = concat([part.bars for part in parts], NO_BARS)
    whole.features = concat([part.features for part in parts], NO_FEATURES)
    whole.scores = concat([part.scores for part in parts], NO_SCORES)
    whole.patterns = concat([part.patterns for part in parts], NO_PATTERNS)
    return whole


def watermark_or_none(watermark: int) -> int | None:
    """Return a watermark, None where there has been none."""
    return None if watermark == NEVER else watermark
