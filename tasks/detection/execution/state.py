"""A detector's state as plain values: written as JSON and typed arrays, read without running code.

An object is its class, by name, and its fields. Reading makes objects of the classes of detectors
and of River alone, never calls what a file names, and refuses all else; so a file that anybody
wrote can at the worst be a wrong state. References are kept: what was one object is one again.
"""

from __future__ import annotations

import copyreg
import functools
import json
import struct
import sys
import types
import zlib
from array import array
from collections import defaultdict, deque
from importlib import import_module
from random import Random
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

FAMILIES: Final = ("tasks.detection.", "taskspecs.detectors.", "river.")
"""Where classes of detectors are; a class belongs to the module that defines it."""
BUILT_IN: Final = {"tuple": tuple}
"""Classes beside them that a detector refers to, as the maker of a default."""
CALLED: Final = frozenset({"river._river_rust.vectordict:VectorDict"})
"""Classes without a state of their own: made by calling them with plain values."""
KINDS: Final = "biufc?"
"""Kinds of numpy's types that are numbers."""
LARGEST: Final = 1 << 30
"""Bytes of a state when it is unpacked."""
_LEVEL: Final = 1
"""zlib's: half-space trees shrink to a third, and higher levels take longer for little."""
_HEAD: Final = struct.Struct("<Q")
_PLAIN: Final = (bool, int, float, str, type(None))


class NoState(ValueError):
    """Bytes that are not the state of a detector, or an object that cannot be one."""


def freeze(value: object, *, level: int = _LEVEL) -> bytes:
    """Return an object as bytes; equal states give equal bytes.

    Parameters
    ----------
    value
        Plain values, arrays of numbers, detectors.
    level
        How much is packed, as zlib counts; 0 is not at all.

    Raises
    ------
    NoState
        If it holds an object of a class that is none of a detector's.
    """
    writer = _Writer()
    root = writer.put(value)
    text = json.dumps([root, writer.nodes], separators=(",", ":")).encode()
    return zlib.compress(_HEAD.pack(len(text)) + text + bytes(writer.buffer), level)


def thaw(payload: bytes) -> Any:
    """Return what :func:`freeze` was given.

    Raises
    ------
    NoState
        If the bytes are something else.
    """
    try:
        raw = _unpack(payload)
        (size,) = _HEAD.unpack_from(raw)
        root, nodes = json.loads(raw[_HEAD.size : _HEAD.size + size])
        return _Reader(nodes, memoryview(raw)[_HEAD.size + size :]).get(root)
    except NoState:
        raise
    except (zlib.error, struct.error, RecursionError, ValueError, TypeError, LookupError,
            AttributeError, ImportError, OverflowError, MemoryError) as error:  # fmt: skip
        raise NoState(f"{type(error).__name__}: {error}") from error


def _unpack(payload: bytes) -> bytes:
    engine = zlib.decompressobj()
    raw = engine.decompress(payload, LARGEST)
    if not engine.eof:
        raise NoState("it is too large, or cut off")
    return raw


class _Writer:
    """Takes an object apart: plain values stand in place, all else is a node that is referred to.

    Attributes
    ----------
    nodes
        Each a list: its kind, then what that kind needs.
    buffer
        The bytes of all arrays, one behind the other.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.buffer = bytearray()
        self._places: dict[int, int] = {}
        self._held: list[object] = []  # keeps what is referred to by its id alive

    def put(self, value: Any) -> Any:
        if type(value) in _PLAIN:
            return value
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(self.nodes)
            self._held.append(value)
            self.nodes.append(None)
            self.nodes[place] = self._node(value)
        return [place]

    def _node(self, value: Any) -> list[Any]:
        put = _NODES.get(type(value))
        if put is not None:
            return put(self, value)
        if isinstance(value, np.generic) and value.dtype.kind in KINDS:
            return ["number", value.dtype.str, *self._bytes(value.tobytes())]
        if isinstance(value, type):
            return ["class", _name(value)]
        return self._object(value)

    def _object(self, value: Any) -> list[Any]:
        name = _name(type(value))
        try:
            made = value.__reduce_ex__(4)
        except TypeError as error:
            raise NoState(f"{name} has no state") from error
        maker, arguments, state, items, pairs = (*made, None, None, None)[:5]
        if maker is type(value) and name in CALLED:
            return ["call", name, self.put(arguments)]
        if maker is not copyreg.__newobj__ or items is not None or pairs is not None:  # type: ignore[attr-defined]
            raise NoState(f"{name} is taken apart in a way that is not known here")
        return ["object", name, self.put(arguments[1:]), self.put(state)]

    def _bytes(self, raw: bytes) -> tuple[int, int]:
        start = len(self.buffer)
        self.buffer += raw
        return start, len(raw)

    def list_(self, kind: str, value: Any) -> list[Any]:
        return [kind, *map(self.put, value)]

    def dict_(self, value: dict[Any, Any]) -> list[Any]:
        return ["dict", *([self.put(key), self.put(one)] for key, one in value.items())]

    def array_(self, value: Any) -> list[Any]:
        if value.dtype.kind not in KINDS or type(value) is not np.ndarray:
            raise NoState(f"an array of {value.dtype} is no array of numbers")
        order: Literal["C", "F"] = (
            "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
        )
        held = self._bytes(value.tobytes(order))
        return ["array", value.dtype.str, list(value.shape), order, *held]


_NODES: Final[dict[type, Callable[[_Writer, Any], list[Any]]]] = {
    list: lambda to, value: to.list_("list", value),
    tuple: lambda to, value: to.list_("tuple", value),
    set: lambda to, value: to.list_("set", sorted(value, key=repr)),  # its own order is by chance
    frozenset: lambda to, value: to.list_("frozenset", sorted(value, key=repr)),
    dict: lambda to, value: to.dict_(value),
    bytes: lambda to, value: ["bytes", *to._bytes(value)],  # noqa: SLF001
    np.ndarray: lambda to, value: to.array_(value),
    array: lambda to, value: ["column", value.typecode, *to._bytes(value.tobytes())],  # noqa: SLF001
    range: lambda _, value: ["range", value.start, value.stop, value.step],
    deque: lambda to, value: ["deque", value.maxlen, *map(to.put, value)],
    defaultdict: lambda to, value: ["defaults", to.put(value.default_factory), to.dict_(value)],
    Random: lambda to, value: ["random", to.put(value.getstate())],
    functools.partial: lambda to, value: [
        "partial",
        to.put(value.func),
        to.put(value.args),
        to.put(value.keywords),
    ],
    types.MethodType: lambda to, value: ["method", to.put(value.__self__), value.__name__],
}


class _Reader:
    """Puts an object together again.

    Parameters
    ----------
    nodes, buffer
        See :class:`_Writer`.
    """

    def __init__(self, nodes: list[Any], buffer: memoryview) -> None:
        self._nodes = nodes
        self._buffer = buffer
        self._made: dict[int, Any] = {}
        self._open: set[int] = set()

    def get(self, value: Any) -> Any:
        if type(value) is not list:
            return value
        (place,) = value
        if place not in self._made:
            if place in self._open or not 0 <= place < len(self._nodes):
                raise NoState("it refers to what is not there")
            self._open.add(place)
            kind, *parts = self._nodes[place]
            made = getattr(self, f"_{kind}_")(place, *parts)
            self._made[place] = made
            self._open.discard(place)
        return self._made[place]

    def _all(self, values: Any) -> list[Any]:
        return [self.get(value) for value in values]

    def _list_(self, place: int, *values: Any) -> list[Any]:
        made: list[Any] = []
        self._made[place] = made
        made.extend(self._all(values))
        return made

    def _tuple_(self, _: int, *values: Any) -> tuple[Any, ...]:
        return tuple(self._all(values))

    def _set_(self, _: int, *values: Any) -> set[Any]:
        return set(self._all(values))

    def _frozenset_(self, _: int, *values: Any) -> frozenset[Any]:
        return frozenset(self._all(values))

    def _dict_(self, place: int, *pairs: Any) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        self._made[place] = made
        self._fill(made, pairs)
        return made

    def _fill(self, made: dict[Any, Any], pairs: Any) -> None:
        for key, value in pairs:
            name = self.get(key)
            made[sys.intern(name) if type(name) is str else name] = self.get(value)

    def _bytes_(self, _: int, start: int, size: int) -> bytes:
        return self._taken(start, size).tobytes()

    def _taken(self, start: int, size: int) -> memoryview:
        if not 0 <= start <= start + size <= len(self._buffer):
            raise NoState("an array lies beyond the end")
        return self._buffer[start : start + size]

    def _array_(self, _: int, kind: str, shape: list[int], order: Any, *held: int) -> Any:
        flat = np.frombuffer(self._taken(*held), dtype=_number(kind))
        return flat.reshape(shape, order=order).copy(order)

    def _number_(self, _: int, kind: str, *held: int) -> Any:
        return np.frombuffer(self._taken(*held), dtype=_number(kind))[0]

    def _column_(self, _: int, kind: str, *held: int) -> Any:
        if kind not in "bBhHiIlLqQfd":
            raise NoState("an array of no numbers")
        made: Any = array(kind)
        made.frombytes(self._taken(*held))
        return made

    def _range_(self, _: int, start: int, stop: int, step: int) -> range:
        return range(start, stop, step)

    def _deque_(self, place: int, longest: int | None, *values: Any) -> deque[Any]:
        made: deque[Any] = deque(maxlen=longest)
        self._made[place] = made
        made.extend(self._all(values))
        return made

    def _defaults_(self, place: int, factory: Any, pairs: Any) -> Any:
        made: Any = defaultdict(self.get(factory))
        self._made[place] = made
        self._fill(made, pairs[1:])
        return made

    def _random_(self, _: int, state: Any) -> Random:
        made = Random(0)  # noqa: S311 - a detector's own draws, set to where they were
        made.setstate(self.get(state))
        return made

    def _partial_(self, _: int, function: Any, arguments: Any, named: Any) -> Any:
        called = self.get(function)
        if not isinstance(called, type | types.MethodType):
            raise NoState("only classes and methods of detectors are called later")
        return functools.partial(called, *self.get(arguments), **self.get(named))

    def _method_(self, _: int, owner: Any, name: str) -> Any:
        holder = self.get(owner)
        kind = type(holder)
        if kind is not Random and not _is_ours(kind.__module__):
            raise NoState(f"{kind.__module__} has no methods that a detector keeps")
        found = getattr(holder, name)
        if name.startswith("__") or not isinstance(found, types.MethodType):
            raise NoState(f"{name} is no method")
        return found

    def _class_(self, _: int, name: str) -> type:
        return _class(name)

    def _call_(self, _: int, name: str, arguments: Any) -> Any:
        if name not in CALLED:
            raise NoState(f"{name} is not called")
        return _class(name)(*self.get(arguments))

    def _object_(self, place: int, name: str, arguments: Any, state: Any) -> Any:
        kind: Any = _class(name)
        made = kind.__new__(kind, *self.get(arguments))
        self._made[place] = made
        found = self.get(state)
        if found is not None:
            _set(made, found)
        return made


def _set(made: Any, state: Any) -> None:
    """Give an object its fields, as its class takes them."""
    if hasattr(made, "__setstate__"):
        made.__setstate__(state)
        return
    fields, slots = state if isinstance(state, tuple) else (state, None)
    vars(made).update(fields or {}) if fields else None
    for name, value in (slots or {}).items():
        object.__setattr__(made, name, value)


def _number(kind: str) -> np.dtype[Any]:
    found = np.dtype(kind)
    if found.kind not in KINDS:
        raise NoState(f"{kind} is no number")
    return found


def _is_ours(module: str) -> bool:
    return f"{module}.".startswith(FAMILIES)


def _name(kind: type) -> str:
    if BUILT_IN.get(kind.__name__) is kind:
        return kind.__name__
    name = f"{kind.__module__}:{kind.__qualname__}"
    if _class(name) is not kind:
        raise NoState(f"{name} is not to be found again")
    return name


@functools.cache
def _class(name: str) -> type:
    """Return a class of detectors by its name."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    module, _, qualified = name.partition(":")
    if not _is_ours(module) or "<" in qualified or "__" in qualified:
        raise NoState(f"{name} is no class of a detector")
    found: Any = import_module(module)
    for part in qualified.split("."):
        found = getattr(found, part)
    if not isinstance(found, type) or found.__module__ != module:
        raise NoState(f"{name} is no class of a detector")
    return found
