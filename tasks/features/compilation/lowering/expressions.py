"""Whole expressions to steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tasks.features.compilation.graph import Constant, Graph
from tasks.features.compilation.lowering import elementwise, rolling
from tasks.features.kernels.table import UFUNCS
from taskspecs.expressions.nodes import Call, Field, Node, Number
from taskspecs.expressions.operators import OPERATORS, Kind

if TYPE_CHECKING:
    from tasks.features.compilation.graph import Operand

_RULES: Final = {**elementwise.RULES, **rolling.RULES}
_PLAIN: Final = {Kind.WINDOW, Kind.SHIFT, Kind.SPAN, Kind.FRACTION, Kind.TAIL}
"""Kinds of arguments that a rule wants as plain numbers."""


def lower(graph: Graph, node: Node) -> Operand:
    """Add the steps of an expression to a graph.

    Parameters
    ----------
    graph
        Grows by what is not there yet.
    node
        A checked expression.

    Returns
    -------
    Operand
        Where the expression's value stands.
    """
    if isinstance(node, Number):
        return Constant(node.value)
    if isinstance(node, Field):
        return graph.add_input(node.name)
    if not isinstance(node, Call):
        raise TypeError(f"{node} has no value of its own")
    arguments: list[Any] = [
        argument.value
        if parameter.kind in _PLAIN and isinstance(argument, Number)
        else lower(graph, argument)
        for parameter, argument in zip(
            OPERATORS[node.operator].parameters, node.arguments, strict=True
        )
    ]
    if node.operator in UFUNCS:
        return elementwise.rowwise(graph, node.operator, *arguments)
    return _RULES[node.operator](graph, *arguments)
