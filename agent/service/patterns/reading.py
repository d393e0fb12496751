"""What rows of patterns hold as text, read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from configs.errors import BadInput
from configs.remedies import Mend
from storage.warehouse.patterns import patterns_named

if TYPE_CHECKING:
    from storage.warehouse.port import Warehouse
    from storage.warehouse.rows import FoundPattern, PatternRow, RunRow

JSON_COLUMNS: Final = ("prev_state", "new_state", "metrics")


def find_pattern(warehouse: Warehouse, wanted: str) -> list[FoundPattern]:
    """Return the rows, one for each run that has it, of the pattern that a person means."""
    found = patterns_named(warehouse, wanted)
    ids = list(dict.fromkeys(row["pattern_id"] for row in found))
    if len(ids) == 1:
        return found
    raise BadInput(
        f"{len(ids)} patterns begin with `{wanted}`" if ids else f"there is no pattern `{wanted}`",
        hint=", ".join(ids[:10]) if ids else None,
        remedy=Mend.LIST_PATTERNS(),
    )


def with_values(row: PatternRow | FoundPattern) -> dict[str, Any]:
    """Read the columns that hold JSON."""
    return {**row, **{name: json.loads(str(row[name])) for name in JSON_COLUMNS}}


def level_of(run: RunRow) -> float:
    """Return the level of the false discovery rate of a run."""
    return float(json.loads(run["spec"])["discovery"]["level"])
