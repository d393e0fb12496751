"""Other instruments in an expression, drawn out of windows to where symbols meet.

A series of another instrument has its own days: ``Var(ChangeInstrument('SPY', $x), 5)`` is over
five days of SPY, whatever days the symbol that asks for it was suspended on. So what reads other
instruments alone is computed as theirs, and is handed to whoever asks when it is done.
"""

from __future__ import annotations

from typing import Final

from taskspecs.expressions.nodes import Call, Field, Node, Text
from taskspecs.expressions.operators import OPERATORS

NAMING: Final[dict[str, tuple[int, int]]] = {"ChangeInstrument": (0, 1), "Mask": (1, 0)}
"""Operators that name an instrument: where the name and where the series stands among arguments."""

OF: Final = "#of"
"""The operator of a series that is not of whoever asks: the instruments' names, and the series."""

Owners = tuple[str, ...]
"""Whose a series is: one instrument's, that of several together, or, empty, of whoever asks."""


def draw_out(node: Node) -> Node:
    """Return the same expression, what is of other instruments drawn out as far as it can be.

    Examples
    --------
    >>> from taskspecs.expressions.parser import parse
    >>> difference = draw_out(parse("Var(ChangeInstrument('SPY', $close) / 2, 5) - $close"))
    >>> theirs, own = difference.arguments
    >>> theirs.operator, theirs.arguments[0].value, theirs.arguments[1].operator, own.name
    ('#of', 'SPY', 'Var', 'close')
    """
    return _named(*_owned(node))


def _owned(node: Node) -> tuple[Owners, Node]:
    """Return whose an expression is, and the expression as theirs."""
    if not isinstance(node, Call):
        return (), node
    if node.operator in NAMING:
        name, series = (node.arguments[place] for place in NAMING[node.operator])
        owners, inner = _owned(series)
        return owners or (_word(name),), inner
    parts = [_owned(argument) for argument in node.arguments]
    series_of = {
        owners
        for (owners, _), argument in zip(parts, node.arguments, strict=True)
        if isinstance(argument, Call | Field)
    }
    if OPERATORS[node.operator].scope == "symbol" and () not in series_of:
        if len(series_of) == 1:
            stripped = tuple(part for _, part in parts)
            return series_of.pop(), Call(node.operator, stripped, node.at)
        together = tuple(sorted({name for owners in series_of for name in owners}))
        return together, _with_parts(node, parts)
    return (), _with_parts(node, parts)


def _with_parts(node: Call, parts: list[tuple[Owners, Node]]) -> Call:
    return Call(node.operator, tuple(_named(*part) for part in parts), node.at)


def _named(owners: Owners, node: Node) -> Node:
    return Call(OF, (*map(Text, owners), node)) if owners else node


def _word(node: Node) -> str:
    if not isinstance(node, Text):
        raise TypeError(f"{node} names no instrument")
    return node.value
