"""The operators there are, by the name a SourceSpec uses."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError

from configs.errors import BadInput, Place, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from configs.section import Section
    from tasks.streams.event import Scales

FILE: Final = "SourceSpec"
"""The file that an error names while only the key is known."""
SECTIONS: Final[Mapping[str, str]] = {
    "order": "the section `order` says how events are put in order",
    "bars": "the section `bars` says which bars are made",
    "features": "the section `features` has them",
}
"""What is no operator because a section of its own says it."""


class Kind(NamedTuple):
    """Where an operator is: its module, its class, the model of its settings; for whom it is."""

    module: str
    made: str
    settings: str
    about: str


LEVEL_ONE: Final[Mapping[str, Kind]] = {
    "validate": Kind("validate", "Validate", "Bounds", "drop events whose numbers cannot be"),
    "times": Kind("times", "Times", "Shift", "bring times to UTC, or take those of arrival"),
    "dedupe": Kind("dedupe", "Dedupe", "Repeats", "drop events that came before"),
    "clip": Kind("clip", "Clip", "Jumps", "flag, pull in or drop prices that jump"),
    "rate": Kind("rate", "Rate", "Limit", "let only so many events a second go on"),
}
LEVEL_TWO: Final[Mapping[str, Kind]] = {
    "normalise": Kind("normalise", "Normalise", "Causal", "scale columns by their own past"),
    "aggregate": Kind("aggregate", "Aggregate", "Coarser", "make coarser bars"),
    "derive": Kind("derive", "Derive", "Columns", "add columns by expressions"),
    "filter": Kind("filter", "Filter", "Where", "keep rows where an expression is above 0"),
    "join": Kind("join", "Join", "Other", "add the last values of another source"),
}
_BOTH: Final = {"operators": LEVEL_ONE, "then": LEVEL_TWO}


def check(name: str, settings: Any, last: bool) -> None:
    """Refuse an operator that is not there, or settings that it cannot follow.

    Parameters
    ----------
    name, settings
        As a document says them.
    last
        Whether it stands in `then`.

    Raises
    ------
    BadInput
        With the key within the settings that is wrong, and what is allowed.
    """
    section = "then" if last else "operators"
    _build(name, settings, section, _anything() if not last else None)


def make(
    said: Mapping[str, Any], place: int, *, section: str, scales: Scales | None
) -> tuple[str, Any]:
    """Return a new operator, and a text that is the same for the same settings.

    Raises
    ------
    BadInput
        At the operator's key in the document.
    """
    ((name, settings),) = said.items()
    try:
        made = _build(name, settings, section, scales)
    except BadInput as error:
        key = f"{section}[{place}].{name}"
        raise error.at(Place(FILE, key=key)) from None
    return json.dumps([place, name, settings], sort_keys=True), made


def _build(name: str, settings: Any, section: str, scales: Scales | None) -> Any:
    kind = _find(name, section)
    module = import_module(f"tasks.streams.operators.{kind.module}")
    model: type[Section] = getattr(module, kind.settings)
    try:
        read = model.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = f"`{name}` cannot be so: {where + ': ' if where else ''}{first['msg']}"
        raise BadInput(what, hint=f"settings: {', '.join(model.model_fields)}") from None
    made = getattr(module, kind.made)
    return made(read) if section == "then" else made(read, scales)


def _find(name: str, section: str) -> Kind:
    known = _BOTH[section]
    if name in known:
        return known[name]
    other = "then" if section == "operators" else "operators"
    if name in _BOTH[other]:
        raise BadInput(f"`{name}` stands under `{other}`", hint=f"allowed here: {_names(known)}")
    if name in SECTIONS:
        raise BadInput(f"`{name}` is no operator", hint=SECTIONS[name])
    raise BadInput(f"there is no operator `{name}`", hint=did_you_mean(name, known))


def _names(known: Mapping[str, Kind]) -> str:
    return ", ".join(sorted(known))


def _anything() -> Scales:
    from tasks.streams.event import Scales

    return Scales(price_decimals=0, size_decimals=0)
