"""What a pattern changed: numbers before and after, each in its unit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

LAST = frozenset({"bars"})
"""Numbers that say on how much the others rest."""
OWN_UNIT = "source"
"""The unit of a number that is measured as the watched expression is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A number before and after, in its unit."""

    name: str
    before: str
    after: str
    unit: str


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Pair the numbers of two states by name."""
    names = sorted(dict.fromkeys([*before, *after]), key=lambda n: n in LAST)
    return [
        Change(
            name,
            _number(before.get(name)),
            _number(after.get(name)),
            _unit(before.get(name), after.get(name)),
        )
        for name in names
    ]


def read_state(text: str | None) -> dict[str, Any]:
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
