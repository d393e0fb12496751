"""Which studies an event wakes; pure."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from taskspecs.rerunning import Range

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.events.envelope import Event
    from taskspecs.rerunning import Scalar, TriggerSpec

LONGEST_PATH = 8
"""Studies that may wake one another in a row."""
_ABSENT = object()


def wakes(trigger: TriggerSpec, event: Event, study: str) -> bool:
    """Whether an event meets a trigger's conditions; a study is not woken by itself.

    Examples
    --------
    >>> from storage.events.envelope import make_event
    >>> from taskspecs.rerunning import TriggerSpec
    >>> sure = TriggerSpec(on="drift_detected", where={"confidence": {"min": 0.9}})
    >>> wakes(sure, make_event("drift_detected", "us_momentum", {"confidence": 0.97}), "hedge")
    True
    """
    if trigger.on != event.type or event.source == study:
        return False
    if trigger.source is not None and not fnmatchcase(event.source, trigger.source):
        return False
    return all(_meets(_at(event.payload, path), want) for path, want in trigger.where.items())


def waits_of(
    triggers: Iterable[TriggerSpec], event: Event, study: str
) -> tuple[float, float] | None:
    """Return the seconds of quiet to wait for after an event, and the most to wait in all.

    Where several triggers match, the longest of each counts; None if none does.
    """
    matching = [trigger for trigger in triggers if wakes(trigger, event, study)]
    if not matching:
        return None
    return max(each.debounce_s for each in matching), max(each.longest_s for each in matching)


def would_loop(event: Event, study: str) -> bool:
    """Whether a study would be woken, through others, by what it told itself."""
    path = path_of(event)
    return study in path or len(path) >= LONGEST_PATH


def path_of(event: Event) -> tuple[str, ...]:
    """Return the studies through which an event came about; what is no such list counts as full."""
    path = event.meta.get("path", [])
    if not isinstance(path, list) or not all(isinstance(name, str) for name in path):
        return (event.source,) * LONGEST_PATH
    return tuple(path)


def _at(payload: dict[str, Any], path: str) -> object:
    value: Any = payload
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part, _ABSENT)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _ABSENT
    return value


def _meets(value: object, want: Scalar | tuple[Scalar, ...] | Range) -> bool:
    if isinstance(want, Range):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        above = want.min is None or value >= want.min
        return above and (want.max is None or value <= want.max)
    wanted = want if isinstance(want, tuple) else (want,)
    # A number in a payload is not the word for it: 1 is neither "1" nor true.
    return any(value == each and isinstance(value, bool) == isinstance(each, bool)
               for each in wanted)  # fmt: skip
