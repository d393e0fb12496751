"""How a TaskSpec differs from the shipped study it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LONGEST_DESCRIPTION: Final = 2_000
DETECTION: Final = "detection"


class Change(NamedTuple):
    """A key whose value differs."""

    key: str
    before: Any
    after: Any


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """List what differs, key by key, in the order of `after`; what went comes last.

    Of two specs with their defaults written out, only what means something differs. A detector is
    told by its name and scope; of one that came or went, what it watches is told, and no more.

    Examples
    --------
    >>> compare({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}, "d": [4, 5]})
    [Change(key='a.b', before=1, after=3), Change(key='d', before=None, after='4, 5'), \
Change(key='a.c', before=2, after=None)]
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    keys = [*new, *(key for key in old if key not in new)]
    return [
        Change(key, old.get(key), new.get(key))
        for key in keys
        if old.get(key) != new.get(key) and not _follows(key, old, new)
    ]


def _follows(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a key is a part of a detector of which it is said already that it came or went."""
    row, _, part = key.rpartition(".")
    watched = f"{row}.watch"
    return row.startswith(DETECTION) and part != "watch" and (watched in old) != (watched in new)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and path == DETECTION:
        for name, row in _named(value):
            yield from _leaves(row, f"{DETECTION}[{name}]")
    elif isinstance(value, list):
        yield path, ", ".join(str(part) for part in value)
    else:
        yield path, value


def _named(detectors: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name detectors by what they are; the second of a name is numbered."""
    seen: dict[str, int] = {}
    for row in detectors:
        name = f"{row['detector']}, {row.get('scope', 'symbol')}"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}, {seen[name]}", row


def describe(study: str, changes: Sequence[Change]) -> str:
    """Describe a variant of a study by what differs, so that equal variants are described alike."""
    return _cut(f"A variant of {study}: {_listed(changes)}.")


def describe_changes(changes: Sequence[Change]) -> str:
    """Describe what differs, and nothing else.

    Examples
    --------
    >>> describe_changes([Change("backtest.topk", 2, 3)])
    'backtest.topk 3 instead of 2.'
    """
    return _cut(f"{_listed(changes)}.")


def _listed(changes: Sequence[Change]) -> str:
    return "; ".join(_told(change) for change in changes)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[: LONGEST_DESCRIPTION - 3]}..."


def _told(change: Change) -> str:
    if change.after is None:
        return f"without {change.key}"
    instead = "" if change.before is None else f" instead of {change.before}"
    return f"{change.key} {change.after}{instead}"
