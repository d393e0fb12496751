"""YAML read safely, within bounds, with the place of every key and value.

The scalars follow YAML 1.2's core schema: only ``true`` and ``false`` are booleans (so the symbols
``ON`` and ``NO`` stay text), ``16:00`` is text, and dates stay text until a model asks for a date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import yaml

from configs.errors import SPEC, BadInput, Place, QraftError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | float | bool | None"
KeyPath = tuple[str | int, ...]

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_NODES = 100_000

_SCALARS: tuple[tuple[re.Pattern[str], type], ...] = (
    (re.compile(r"[-+]?[0-9]{1,18}"), int),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML mapping together with where everything in it stands."""

    file: str
    value: dict[str, Value]
    keys: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    values: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    written: dict[KeyPath, str] = field(default_factory=dict)

    def place(self, path: KeyPath, *, of_key: bool = False) -> Place:
        """Return where `path` stands; where it is missing, where its nearest parent stands."""
        dotted = dotted_path(path)
        marks = (self.keys, self.values) if of_key else (self.values, self.keys)
        for end in range(len(path), -1, -1):
            for table in marks:
                if mark := table.get(path[:end]):
                    return Place(self.file, mark[0], mark[1], dotted)
        return Place(self.file, 1, 1, dotted)

    def located(self, error: QraftError) -> QraftError:
        """Return `error` with the line of the key that it names, if it names one."""
        if not error.place or error.place.file != SPEC or not error.place.key:
            return error
        paths = {dotted_path(path): path for path in (*self.keys, *self.values)}
        key = error.place.key
        while key not in paths and "." in key:
            key = key.rpartition(".")[0]
        mark = self.place(paths.get(key, ()))
        return error.at(Place(self.file, mark.line, mark.column, error.place.key))


def dotted_path(path: KeyPath) -> str:
    """Write a path as people do.

    Examples
    --------
    >>> dotted_path(("detection", 0, "delta"))
    'detection[0].delta'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_document(path: Path) -> Document:
    """Read a YAML file.

    Raises
    ------
    BadInput
        If the file cannot be read, is not UTF-8, is too large, or is not a plain YAML mapping.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    return parse_document(raw, file=str(path))


def parse_document(raw: bytes, *, file: str) -> Document:
    """Parse YAML bytes into a document; see :func:`read_document`."""
    if len(raw) > MAX_BYTES:
        raise BadInput(f"{file} has {len(raw):,} bytes; at most {MAX_BYTES:,} are read")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text (byte {error.start})") from error
    reader = _Reader(file)
    try:
        reader.read(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.reader.ReaderError as error:
        raise _unprintable(error, text, file) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        raise BadInput(f"not valid YAML: {error.problem or error}", place=place) from error
    except yaml.YAMLError as error:
        raise BadInput(f"not valid YAML: {error}", place=Place(file)) from error
    if not isinstance(reader.root, dict):
        raise BadInput("expected `key: value` lines", place=Place(file, 1, 1))
    return Document(file, reader.root, reader.keys, reader.values, reader.written)


def _unprintable(error: yaml.reader.ReaderError, text: str, file: str) -> BadInput:
    before = text[: error.position]
    line, column = before.count("\n") + 1, error.position - before.rfind("\n")
    code = error.character if isinstance(error.character, int) else ord(error.character)
    return BadInput(
        f"the character U+{code:04X} is not allowed in YAML", place=Place(file, line, column)
    )


class _Reader:
    """Builds plain values from YAML events: iterative, so no nesting can exhaust the stack."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Value = None
        self.keys: dict[KeyPath, tuple[int, int]] = {}
        self.values: dict[KeyPath, tuple[int, int]] = {}
        self.written: dict[KeyPath, str] = {}
        self._open: list[dict[str, Value] | list[Value]] = []
        self._path: list[str | int] = []
        self._awaits_key: list[bool] = []

    def read(self, events: Iterator[yaml.Event]) -> None:
        """Consume all events of one document."""
        for count, event in enumerate(events):
            if count > MAX_NODES:
                raise BadInput(f"more than {MAX_NODES:,} values", place=self._place(event))
            self._accept(event)

    def _accept(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadInput(
                "anchors and aliases (& and *) are not allowed here",
                place=self._place(event),
                hint="write the value out where it is needed",
            )
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin({}, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()
        elif isinstance(event, yaml.DocumentStartEvent) and self.values:
            raise BadInput("more than one document (---) in a file", place=self._place(event))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._open and isinstance(self._open[-1], dict) and self._awaits_key[-1]:
            self._key(event)
            return
        plain = event.implicit[0] and event.style is None
        self._refuse_tag(event, "str")
        path = self._value_path()
        self.written[path] = event.value
        self._store(_resolve(event.value) if plain else event.value, event, path)

    def _key(self, event: yaml.ScalarEvent) -> None:
        name = event.value
        path = (*self._path, name)
        if path in self.keys:
            line = self.keys[path][0]
            raise BadInput(
                f"the key `{name}` was already given in line {line}",
                place=Place(self.file, *_mark(event), dotted_path(path)),
            )
        self.keys[path] = _mark(event)
        self._path.append(name)
        self._awaits_key[-1] = False

    def _value_path(self) -> KeyPath:
        if self._open and isinstance(self._open[-1], list):
            return (*self._path, len(self._open[-1]))
        return tuple(self._path)

    def _store(self, value: Value, event: yaml.Event, path: KeyPath) -> None:
        self.values[path] = _mark(event)
        if not self._open:
            self.root = value
            return
        parent = self._open[-1]
        if isinstance(parent, list):
            parent.append(value)
            return
        parent[str(self._path[-1])] = value
        if not isinstance(value, (dict, list)):
            self._close_entry()

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, own: str) -> None:
        if event.tag not in (None, "!", f"tag:yaml.org,2002:{own}"):
            raise BadInput(f"the tag {event.tag} is not allowed here", place=self._place(event))

    def _begin(
        self, container: dict[str, Value] | list[Value], event: yaml.CollectionStartEvent
    ) -> None:
        self._refuse_tag(event, "map" if isinstance(container, dict) else "seq")
        if self._open and isinstance(self._open[-1], dict) and self._awaits_key[-1]:
            raise BadInput("a key must be plain text", place=self._place(event))
        if len(self._open) >= MAX_DEPTH:
            raise BadInput(f"nested deeper than {MAX_DEPTH} levels", place=self._place(event))
        path = self._value_path()
        if self._open and isinstance(self._open[-1], list):
            self._path.append(len(self._open[-1]))
        self._store(container, event, path)
        self._open.append(container)
        self._awaits_key.append(isinstance(container, dict))

    def _end(self) -> None:
        self._open.pop()
        self._awaits_key.pop()
        if self._open:
            self._close_entry()

    def _close_entry(self) -> None:
        self._path.pop()
        self._awaits_key[-1] = isinstance(self._open[-1], dict)

    def _place(self, event: yaml.Event) -> Place:
        return Place(self.file, *_mark(event), dotted_path(tuple(self._path)) or None)


def _mark(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _resolve(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    for pattern, kind in _SCALARS:
        if pattern.fullmatch(text):
            number: int | float = kind(text)
            return number
    return text
