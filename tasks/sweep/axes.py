"""The axes of a sweep: keys of the TaskSpec and the values that each of them takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.document import parse_document
from configs.errors import BadInput, Place, did_you_mean
from taskspecs.identity import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from configs.document import Value
    from taskspecs.schema import TaskSpec

SECTIONS = ("features", "aggregation", "signal", "backtest")
"""What a sweep may change: the data stay the same, and the rest has no part in the result."""

CONSTANT = "@"
"""Between a key and a number of its expression: ``features.define.momentum@120``."""

OPTION = "--grid"


@dataclass(frozen=True, slots=True)
class Axis:
    """A key as it was written, where it is in the spec, and its values as texts and as YAML."""

    name: str
    key: str
    texts: tuple[str, ...]
    values: tuple[Value, ...]

    def place(self, text: str) -> Place:
        """Return where a value stands: in the option, at the key."""
        return Place(f"{OPTION} {self.name}={text}", key=self.key)


def read_axis(text: str, spec: TaskSpec) -> Axis:
    r"""Read an axis.

    Parameters
    ----------
    text
        ``key=v1,v2,...``. The key is one of the spec's, or its last part where that is enough. A
        comma inside brackets belongs to its value. ``key@number`` stands for every place at which
        an expression has that number.
    spec
        The study that is varied.

    Raises
    ------
    BadInput
        Naming the option and the key, with near matches.

    Examples
    --------
    >>> from taskspecs.load import parse
    >>> spec = parse("name: x\nsignal:\n  expression: Mean($close - 1, 20)")
    >>> read_axis("topk=2,3", spec).key, read_axis("topk=2,3", spec).values
    ('backtest.topk', (2, 3))
    >>> read_axis("signal.expression@20=5,9", spec).values
    ('Mean($close - 1, 5)', 'Mean($close - 1, 9)')
    """
    name, equals, listed = text.partition("=")
    name = name.strip()
    if not equals or not listed.strip():
        raise BadInput(
            f"`{text}` names no values",
            place=Place(OPTION),
            hint="write KEY=V1,V2,... as backtest.topk=10,20,50",
        )
    written, _, constant = name.partition(CONSTANT)
    key = _find_key(written, spec)
    texts = tuple(_split(listed))
    twice = [value for number, value in enumerate(texts) if value in texts[:number]]
    if twice:
        raise BadInput(f"the value {twice[0]} is given twice", place=Place(OPTION, key=key))
    original = _leaves(spec)[key]
    if constant:
        return Axis(name, key, texts, tuple(_substitute(original, constant, texts, name)))
    return Axis(name, key, texts, tuple(_value(value, original) for value in texts))


def sweepable(spec: TaskSpec) -> list[str]:
    """Return the keys that a sweep may change."""
    return [key for key in _leaves(spec) if key.partition(".")[0] in SECTIONS]


def _find_key(written: str, spec: TaskSpec) -> str:
    allowed = sweepable(spec)
    matching = [key for key in allowed if key == written or key.endswith(f".{written}")]
    if len(matching) == 1:
        return matching[0]
    if matching:
        what = f"more than one key ends in `{written}`: {', '.join(matching)}"
        raise BadInput(what, place=Place(OPTION, key=written))
    if written in _leaves(spec):
        raise BadInput(
            f"`{written}` cannot be varied: a sweep tries variants on the same data",
            place=Place(OPTION, key=written),
            hint=f"allowed: {', '.join(allowed)}",
        )
    last = {key.rpartition(".")[2]: key for key in allowed}
    raise BadInput(
        f"the TaskSpec has no key `{written}`",
        place=Place(OPTION, key=written),
        hint=did_you_mean(written, allowed if "." in written else [*allowed, *last]),
    )


def _leaves(spec: TaskSpec) -> dict[str, Any]:
    return dict(_walk("", resolved(spec)))


def _walk(prefix: str, section: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in section.items():
        if isinstance(value, dict):
            yield from _walk(f"{prefix}{name}.", value)
        elif not isinstance(value, list):
            yield f"{prefix}{name}", value


def _split(listed: str) -> Iterator[str]:
    """Split at commas outside of brackets."""
    depth, begun = 0, 0
    for place, letter in enumerate(listed):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            yield listed[begun:place].strip()
            begun = place + 1
    yield listed[begun:].strip()


def _value(text: str, original: object) -> Value:
    """Read a value as YAML would; an expression is always text."""
    if isinstance(original, str) and text not in {"null", "~"}:
        return text
    try:
        return parse_document(f"value: {text}".encode(), file=OPTION).value["value"]
    except BadInput:
        return text


def _substitute(
    expression: object, constant: str, texts: Sequence[str], name: str
) -> Iterator[str]:
    pattern = re.compile(rf"(?<![\w.$]){re.escape(constant)}(?![\w.])")
    if not isinstance(expression, str) or not constant or not pattern.search(expression):
        raise BadInput(
            f"`{name}`: there is no number {constant or '(nothing)'} in `{expression}`",
            place=Place(OPTION, key=name),
            hint="KEY@NUMBER stands for a number that the key's expression has",
        )
    for text in texts:
        yield pattern.sub(text.replace("\\", r"\\"), expression)
