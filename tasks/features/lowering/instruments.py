"""Other instruments in an expression, drawn out of windows to where symbols meet.

A series of another instrument has that instrument's days: ``Var(ChangeInstrument('SPY', $x), 5)`` is
over five days of SPY, whatever days the symbol that asks for it was suspended on. So what reads one
instrument alone is computed as that instrument's own, and is handed to others when it is done.
"""

from __future__ import annotations

from typing import Final

from taskspecs.expressions.nodes import Call, Field, Node, Text
from taskspecs.expressions.operators import OPERATORS

NAME: Final = "ChangeInstrument"
NAMING: Final[dict[str, tuple[int, int]]] = {NAME: (0, 1), "Mask": (1, 0)}
"""Operators that name an instrument: where the name and where the series stands among arguments."""


def draw_out(node: Node) -> Node:
    """Return the same expression, each other instrument named as far out as it can be.

    Examples
    --------
    >>> from taskspecs.expressions.parser import parse
    >>> from taskspecs.expressions.text import to_text
    >>> to_text(draw_out(parse("Var(ChangeInstrument('SPY', $close) / 2, 5) - $close")))
    "ChangeInstrument('SPY', Var($close / 2, 5)) - $close"
    """
    return _named(*_own(node))


def _own(node: Node) -> tuple[str | None, Node]:
    """Return whose an expression is, and the expression as its own; None: of whoever asks."""
    if not isinstance(node, Call):
        return None, node
    if node.operator in NAMING:
        name, series = (node.arguments[place] for place in NAMING[node.operator])
        owner, inner = _own(series)
        return owner or _word(name), inner
    parts = [_own(argument) for argument in node.arguments]
    owners = {
        owner
        for (owner, _), argument in zip(parts, node.arguments, strict=True)
        if isinstance(argument, Call | Field)
    }
    if len(owners) == 1 and OPERATORS[node.operator].scope == "symbol":
        return owners.pop(), Call(node.operator, tuple(inner for _, inner in parts), node.at)
    return None, Call(node.operator, tuple(_named(*part) for part in parts), node.at)


def _named(owner: str | None, node: Node) -> Node:
    return node if owner is None else Call(NAME, (Text(owner), node))


def _word(node: Node) -> str:
    if not isinstance(node, Text):
        raise TypeError(f"{node} names no instrument")
    return node.value
