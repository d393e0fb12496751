"""The table of patterns: what changed, how surely, and what it is put down to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from configs.numbers import percent
from tasks.report.figures.marks import OTHER, STYLES
from tasks.report.tables.states import Change, list_changes, read_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.report.clock import Clock

MOST_ROWS = 40
MOST_NUMBERS = 6


@dataclass(frozen=True, slots=True)
class Contributor:
    """A field and its share of the alarm, 0 to 1."""

    field: str
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One pattern, as the table shows it."""

    pattern_id: str
    label: str
    colour: str
    mark: str
    symbol: str | None
    when: str
    since: str | None
    source: str
    detector: str
    changes: tuple[Change, ...]
    more_changes: int
    confidence: str
    share: float
    contributors: tuple[Contributor, ...]
    more_contributors: int


def list_findings(patterns: pl.DataFrame, clock: Clock, most: int = MOST_ROWS) -> list[Finding]:
    """Return the patterns of highest confidence, the strongest first, older before newer."""
    ranked = patterns.sort("confidence", "ts", "pattern_id", descending=[True, False, False])
    return [_finding(row, clock) for row in ranked.head(most).iter_rows(named=True)]


def _finding(row: Mapping[str, Any], clock: Clock) -> Finding:
    style = STYLES.get(row["type"], OTHER)
    changes = list_changes(read_state(row["prev_state"]), read_state(row["new_state"]))
    ranked = sorted(
        row["contributors"] or (), key=lambda c: (-(c["score"] or 0.0), str(c["field"]))
    )
    return Finding(
        pattern_id=row["pattern_id"],
        label=style.label,
        colour=style.colour,
        mark=style.mark,
        symbol=row["symbol"],
        when=clock.say(row["ts"]),
        since=_since(row, clock),
        source=row["source"],
        detector=row["detector"],
        changes=tuple(changes[:MOST_NUMBERS]),
        more_changes=max(len(changes) - MOST_NUMBERS, 0),
        confidence=_confidence(row["confidence"]),
        share=_share(row["confidence"]),
        contributors=tuple(
            Contributor(str(c["field"]), _share(c["score"]), percent(c["score"], 0))
            for c in ranked[:MOST_NUMBERS]
        ),
        more_contributors=max(len(ranked) - MOST_NUMBERS, 0),
    )


def _since(row: Mapping[str, Any], clock: Clock) -> str | None:
    """Return when the new state began, if the detector says so and it is not the same time."""
    entry = read_state(row["metrics"]).get("since")
    value = entry.get("value") if isinstance(entry, dict) else entry
    try:
        began = clock.say(datetime.fromisoformat(str(value)))
    except ValueError:
        return None
    return None if began == clock.say(row["ts"]) else began


def _confidence(value: float | None) -> str:
    """Write a confidence so that nothing short of certainty reads as such."""
    if value is not None and 0.9995 <= value < 1:
        return "> 99.9%"
    return percent(value)


def _share(value: float | None) -> float:
    return round(min(max(value or 0.0, 0.0), 1.0), 3)
