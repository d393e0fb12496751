"""The tree of an expression: four kinds of nodes, equal when they mean the same, hashable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator


EXACT = 2**53
"""Whole numbers beyond this are floats: no column holds them exactly."""


@dataclass(frozen=True, slots=True)
class Number:
    """A literal; `1` and `1.0` differ, since arithmetic on conditions tells them apart."""

    value: int | float = field(compare=False)
    at: int = field(default=0, compare=False, repr=False)
    literal: str = field(init=False, repr=False)
    depth: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if abs(self.value) > EXACT:
            object.__setattr__(self, "value", float(self.value))
        object.__setattr__(self, "literal", repr(self.value))


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the data, written `$name`."""

    name: str
    at: int = field(default=0, compare=False, repr=False)
    depth: int = field(default=0, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted word: the name of a symbol."""

    value: str
    at: int = field(default=0, compare=False, repr=False)
    depth: int = field(default=0, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """An operator and what it is applied to; `$a + $b` is `Add($a, $b)`."""

    operator: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False, repr=False)
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        deepest = max((argument.depth for argument in self.arguments), default=0)
        object.__setattr__(self, "depth", deepest + 1)


Node: TypeAlias = Number | Field | Text | Call
"""Any node. `at` is the character of the source at which it starts."""


def walk(node: Node) -> Iterator[Node]:
    """Yield every node of the tree once for each place it stands in, parents first."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Call):
            pending.extend(reversed(current.arguments))
