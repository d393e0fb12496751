"""What the warehouse holds, as documents: runs with their figures, and patterns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from agent.explain.units import write
from agent.memory.document import Document
from storage.warehouse.patterns import newest_patterns
from storage.warehouse.runs import figures_of, newest_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.warehouse.port import Warehouse
    from storage.warehouse.rows import FigureRow, NewestPattern, RunRow

MOST_PATTERNS: Final = 5_000
"""The most certain ones; each in its newest run."""


def recorded(warehouse: Warehouse) -> list[Document]:
    """Return the runs and patterns of a warehouse as documents."""
    figures: dict[str, list[FigureRow]] = {}
    for row in figures_of(warehouse):
        figures.setdefault(row["run_id"], []).append(row)
    known = sorted(newest_runs(warehouse), key=lambda row: row["run_id"])
    runs = [_run(row, figures.get(row["run_id"], [])) for row in known]
    return [*runs, *map(_pattern, newest_patterns(warehouse, MOST_PATTERNS))]


def _run(row: RunRow, figures: Sequence[FigureRow]) -> Document:
    return Document(
        id=f"run:{row['run_id']}",
        kind="run",
        title=f"run {row['run_id']} of study {row['name']}",
        text="\n".join(
            [
                row["description"],
                f"source {row['source']}, {row['symbols']} symbols",
                f"every {row['frequency']}, {_day(row['first_ts'])} to {_day(row['last_ts'])}",
                *_tried(row["spec"]),
                *_figures(figures),
            ]
        ),
        date=_day(row["tried_at"]),
        run=row["run_id"],
    )


def _tried(text: str) -> Iterator[str]:
    """Say what a spec scores symbols by, and what it watches."""
    spec = json.loads(text)
    signal = spec.get("signal", {})
    if signal.get("expression"):
        yield f"signal {signal['expression']}"
    if signal.get("model"):
        yield f"model {signal['model']['kind']} of {signal.get('label')}"
    for name, expression in spec.get("features", {}).get("define", {}).items():
        yield f"feature {name}: {expression}"
    for entry in spec.get("detection", []):
        yield f"detector {entry['detector']} watches {entry.get('watch')}"


def _figures(figures: Sequence[FigureRow]) -> Iterator[str]:
    for row in figures:
        if row["value"] is not None:
            yield f"{row['name'].replace('_', ' ')} {write(row['value'], row['unit'])}"


def _pattern(row: NewestPattern) -> Document:
    whom = row["symbol"] or "the market"
    when = write(row["ts"], "time", zone=row["zone"], frequency=row["frequency"])
    return Document(
        id=f"pattern:{row['pattern_id']}",
        kind="pattern",
        title=f"pattern {row['pattern_id']}: {row['type'].replace('_', ' ')} of {whom} on {when}",
        text=f"found by {row['detector']} in {row['source']}, confidence "
        f"{write(row['confidence'], 'confidence')}, study {row['study']}, run {row['run_id']}",
        date=_day(row["ts"]),
        run=row["run_id"],
    )


def _day(moment: Any) -> str:
    return moment.date().isoformat() if moment else ""
