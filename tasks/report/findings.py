"""The table of patterns: what changed, how surely, and what it is put down to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tasks.report.figures.marks import OTHER, STYLES
from tasks.report.numbers import percent, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.report.clock import Clock

MOST_ROWS = 40
MOST_NUMBERS = 6
OWN_UNIT = "source"
"""The unit of a number that is measured as the watched expression is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A number before and after, in its unit."""

    name: str
    before: str
    after: str
    unit: str


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
    changes = _changes(_read(row["prev_state"]), _read(row["new_state"]))
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


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Pair the numbers of two states by name."""
    names = dict.fromkeys([*before, *after])
    return [
        Change(
            name,
            _number(before.get(name)),
            _number(after.get(name)),
            _unit(before.get(name), after.get(name)),
        )
        for name in names
    ]


def _read(text: str | None) -> dict[str, Any]:
    """Read a state; what is no JSON object is shown as it stands."""
    try:
        content = json.loads(text or "{}")
    except ValueError:
        return {"state": text}
    return content if isinstance(content, dict) else {"state": content}


def _number(entry: Any) -> str:
    value = entry.get("value") if isinstance(entry, dict) else entry
    if isinstance(value, int | float) and not isinstance(value, bool):
        return plain(value)
    return plain(None) if value is None else str(value)


def _unit(*entries: Any) -> str:
    units = [str(entry.get("unit") or "") for entry in entries if isinstance(entry, dict)]
    unit = next(iter(units), "")
    return "" if unit == OWN_UNIT else unit


def _since(row: Mapping[str, Any], clock: Clock) -> str | None:
    """Return when the new state began, if the detector says so and it is not the same time."""
    entry = _read(row["metrics"]).get("since")
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
