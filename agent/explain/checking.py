"""A saved explanation against the warehouse: whatever differs from what the rows say is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from agent.explain.prose.writing import compose
from agent.explain.shown import to_json
from agent.explain.subject import explain_again
from configs.errors import BadInput, Place, QraftError
from configs.remedies import Mend

if TYPE_CHECKING:
    from pathlib import Path

    from storage.warehouse.port import Warehouse

PARTS: Final = ("text", "sections", "citations")
LARGEST_BYTES: Final = 20_000_000


def read_saved(path: Path) -> dict[str, Any]:
    """Read what ``qraft explain --json`` printed.

    Raises
    ------
    BadInput
        If it is something else.
    """
    place = Place(str(path))
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise BadInput("it is too large for an explanation", place=place)
        saved = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput("it cannot be read as JSON", place=place) from error
    wellformed = (
        isinstance(saved, dict)
        and isinstance(saved.get("about"), str)
        and bool(saved["about"].split())
        and isinstance(saved.get("values"), list)
        and all(isinstance(v, dict) and isinstance(v.get("reference"), str)
                for v in saved["values"])
        and isinstance(saved.get("assistant"), dict)
    )  # fmt: skip
    if not wellformed:
        raise BadInput("it is no explanation", place=place, remedy=Mend.SAVE_EXPLANATION())
    return dict(saved)


def check_saved(warehouse: Warehouse, saved: dict[str, Any]) -> list[dict[str, str]]:
    """Return what of a saved explanation the rows do not say, or say no more; nothing if it holds.

    Parameters
    ----------
    saved
        As :func:`read_saved` returns it.

    Returns
    -------
    list of dict
        ``what`` differs, what is ``saved``, and what holds ``now``.
    """
    try:
        now = explain_again(warehouse, saved["about"])
        if saved["assistant"].get("kind") == "model":
            values = {value.reference: value for value in now.values}
            now = compose(saved["about"], _sentences(saved), values)
    except QraftError as error:
        return [{"what": saved["about"], "saved": "an explanation", "now": error.what}]
    rebuilt = json.loads(json.dumps(to_json(now)))
    return [*_values(saved, rebuilt), *_parts(saved, rebuilt)]


def _sentences(saved: dict[str, Any]) -> list[str]:
    """Return what a model wrote; anything else is a sentence that no rule lets pass."""
    written = saved["assistant"].get("sentences")
    return [str(sentence) for sentence in written] if isinstance(written, list) else []


def _values(saved: dict[str, Any], now: dict[str, Any]) -> list[dict[str, str]]:
    held = {value["reference"]: value for value in now["values"]}
    found = []
    for value in saved["values"]:
        rebuilt = held.pop(value["reference"], None)
        if value != rebuilt:
            found.append(
                {"what": value["reference"], "saved": _brief(value), "now": _brief(rebuilt)}
            )
    found += [{"what": name, "saved": "-", "now": _brief(value)} for name, value in held.items()]
    return found


def _brief(value: dict[str, Any] | None) -> str:
    if value is None:
        return "-"
    sources = value.get("sources")
    first = sources[0] if isinstance(sources, list) and sources else {}
    digest = str(first.get("sha256", ""))[:12] if isinstance(first, dict) else ""
    return f"{value.get('shown')} (row {digest})"


def _parts(saved: dict[str, Any], now: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"what": part, "saved": "other words", "now": "as the rows give it"}
        for part in PARTS
        if saved.get(part) != now[part]
    ]
