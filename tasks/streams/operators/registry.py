"""The operators there are, by the name a SourceSpec uses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError

from configs.errors import BadInput, Place, did_you_mean
from tasks.streams.event import Scales
from tasks.streams.operators.aggregate import Aggregate, Coarser
from tasks.streams.operators.clip import Clip, Jumps
from tasks.streams.operators.dedupe import Dedupe, Repeats
from tasks.streams.operators.derive import Columns, Derive
from tasks.streams.operators.filter import Filter, Where
from tasks.streams.operators.join import Join, Other
from tasks.streams.operators.normalise import Causal, Normalise
from tasks.streams.operators.rate import Limit, Rate
from tasks.streams.operators.times import Shift, Times
from tasks.streams.operators.validate import Bounds, Validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

FILE: Final = "SourceSpec"
"""The file that an error names while only the key is known."""
SECTIONS: Final[Mapping[str, str]] = {
    "order": "the section `order` says how events are put in order",
    "bars": "the section `bars` says which bars are made",
    "features": "the section `features` has them",
}
"""What is no operator because a section of its own says it."""


class Kind(NamedTuple):
    """An operator's class, the model of its settings, and what it is for."""

    made: type[Any]
    settings: type[BaseModel]
    about: str


LEVEL_ONE: Final[Mapping[str, Kind]] = {
    "validate": Kind(Validate, Bounds, "drop events whose numbers cannot be"),
    "times": Kind(Times, Shift, "bring times to UTC, or take those of arrival"),
    "dedupe": Kind(Dedupe, Repeats, "drop events that came before"),
    "clip": Kind(Clip, Jumps, "flag, pull in or drop prices that jump"),
    "rate": Kind(Rate, Limit, "let only so many events a second go on"),
}
LEVEL_TWO: Final[Mapping[str, Kind]] = {
    "normalise": Kind(Normalise, Causal, "scale columns by their own past"),
    "aggregate": Kind(Aggregate, Coarser, "make coarser bars"),
    "derive": Kind(Derive, Columns, "add columns by expressions"),
    "filter": Kind(Filter, Where, "keep rows where an expression is above 0"),
    "join": Kind(Join, Other, "add the last values of another source"),
}
ANY: Final = Scales(price_decimals=0, size_decimals=0)
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
    _build(name, settings, section, None if last else ANY)


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
    try:
        read = kind.settings.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = f"`{name}` cannot be so: {where + ': ' if where else ''}{first['msg']}"
        raise BadInput(what, hint=f"settings: {', '.join(kind.settings.model_fields)}") from None
    return kind.made(read) if section == "then" else kind.made(read, scales)


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
