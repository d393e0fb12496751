"""From a tree back to text, one spelling for each meaning."""

from __future__ import annotations

from typing import Final

from taskspecs.expressions.nodes import Call, Field, Node, Number
from taskspecs.expressions.operators import OPERATORS
from taskspecs.expressions.parser import BINDING, COMPARISON, UNARY

_ATOM: Final = 9


def to_text(node: Node) -> str:
    """Write a tree in the language, with no parenthesis more than needed.

    Parameters
    ----------
    node
        Any tree that `parse` made.

    Returns
    -------
    str
        Text that parses to an equal tree; equal trees give equal texts.

    Examples
    --------
    >>> from taskspecs.expressions.parser import parse
    >>> to_text(parse("Sub(Ref($close,1),($open))/$close"))
    '(Ref($close, 1) - $open) / $close'
    """
    return _write(node)[0]


def _write(node: Node) -> tuple[str, int]:
    if isinstance(node, Number):
        return node.literal, UNARY if node.literal.startswith("-") else _ATOM
    if isinstance(node, Field):
        return f"${node.name}", _ATOM
    if not isinstance(node, Call):
        quote = '"' if "'" in node.value else "'"
        return f"{quote}{node.value}{quote}", _ATOM
    sign = OPERATORS[node.operator].sign
    if sign is None:
        return f"{node.operator}({', '.join(to_text(a) for a in node.arguments)})", _ATOM
    if len(node.arguments) == 1:
        return f"{sign}{_wrap(node.arguments[0], UNARY)}", UNARY
    return _write_infix(node, sign)


def _write_infix(node: Call, sign: str) -> tuple[str, int]:
    binding = BINDING[sign]
    left, right = node.arguments
    tight_left = sign == "**" or binding == COMPARISON
    before = _wrap(left, binding + 1 if tight_left else binding)
    after = _wrap(right, binding if sign == "**" else binding + 1)
    return f"{before} {sign} {after}", binding


def _wrap(node: Node, least: int) -> str:
    text, binding = _write(node)
    return text if binding >= least else f"({text})"
