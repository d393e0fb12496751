"""Whether an operator's arguments are of the kinds it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from configs.errors import did_you_mean
from taskspecs.expressions.nodes import Call, Field, Node, Number, Text
from taskspecs.expressions.operators import FOREIGN, MAX_WINDOW, OPERATORS, Kind

if TYPE_CHECKING:
    from taskspecs.expressions.operators import Operator, Parameter
    from taskspecs.expressions.source import Source

MAX_DEPTH: Final = 100
"""Deepest nesting of operators, counting the links of a chain such as a + b + c."""


_ARITHMETIC: Final = frozenset({"Div", "Neg", "Power", "Sub"})
"""What cannot be done to conditions; the sum and the product of two are their `|` and `&`."""


def apply(source: Source, name: str, arguments: tuple[Node, ...], at: int) -> Call:
    """Make a call, or say what is wrong with it and where.

    Parameters
    ----------
    source
        The expression, for the error's place.
    name
        The operator as written.
    arguments
        Its arguments, checked already.
    at
        The character at which the operator stands.

    Raises
    ------
    BadInput
        Unknown or refused operator, wrong number or kind of arguments, nesting too deep.
    """
    operator = OPERATORS.get(name)
    if operator is None:
        raise source.error(at, f"there is no operator '{name}'", _suggest(name))
    if operator.refused:
        raise source.error(at, f"qlib's {name} is not computed here", operator.refused)
    if len(arguments) != len(operator.parameters):
        raise source.error(
            at,
            f"{name} takes {_count(len(operator.parameters))}, not {len(arguments)}",
            f"as {operator.example}",
        )
    for parameter, argument in zip(operator.parameters, arguments, strict=True):
        _demand(source, operator, parameter, argument)
    _demand_sense(source, operator, arguments, at)
    call = Call(name, arguments, at)
    if call.depth > MAX_DEPTH:
        raise source.error(
            at, f"nested deeper than {MAX_DEPTH} operators", "give parts of it names of their own"
        )
    return call


def is_condition(node: Node) -> bool:
    """Whether a node gives true and false rather than numbers."""
    if not isinstance(node, Call):
        return False
    gives = OPERATORS[node.operator].gives
    if gives == "same":
        values = node.arguments[1:] if node.operator == "If" else node.arguments
        return all(is_condition(value) for value in values)
    return gives == "condition"


def _suggest(name: str) -> str:
    known = [o.name for o in OPERATORS.values() if not o.refused]
    if name.lower() in FOREIGN:
        return f"here it is called {FOREIGN[name.lower()]}"
    same = [k for k in known if k.lower() == name.lower()]
    return f"did you mean '{same[0]}'?" if same else did_you_mean(name, known)


def _count(number: int) -> str:
    return f"{number} argument" if number == 1 else f"{number} arguments"


def _demand(source: Source, operator: Operator, parameter: Parameter, argument: Node) -> None:
    kind = parameter.kind
    if kind in _NUMERIC:
        problem = _NUMERIC[kind](argument, parameter)
    elif kind is Kind.SYMBOL:
        problem = None if isinstance(argument, Text) else kind.value
    elif isinstance(argument, Text):
        problem = f"{kind.value}, not a quoted word"
    elif kind is Kind.VALUE or isinstance(argument, Call | Field):
        wrong = kind is Kind.CONDITION and not is_condition(argument)
        problem = kind.value if wrong else None
    else:
        problem = f"{kind.value}, not the number {argument.literal}"
    if problem:
        what = f"{operator.name}'s `{parameter.name}` must be {problem}"
        hint = f"as {operator.example}"
        if kind is Kind.CONDITION:
            hint += "; comparisons beside & and | need parentheses"
        raise source.error(argument.at, what, hint)


def _demand_sense(source: Source, operator: Operator, arguments: tuple[Node, ...], at: int) -> None:
    series = [a for a in arguments if isinstance(a, Call | Field)]
    if not series:
        raise source.error(at, f"{operator.name} needs a series among its arguments", "as $close")
    if operator.name in _ARITHMETIC and all(is_condition(a) for a in arguments):
        what = f"{operator.sign} needs numbers, and these are conditions"
        raise source.error(at, what, "turn a condition into a number: If(condition, 1, 0)")


def _window(node: Node, parameter: Parameter) -> str | None:
    if not isinstance(node, Number) or not isinstance(node.value, int):
        return f"{Kind.WINDOW.value}{_not(node)}"
    if node.value == 0 or parameter.least <= node.value <= MAX_WINDOW:
        return None
    return f"0 (all rows) or from {parameter.least} to {MAX_WINDOW:,} rows, not {node.value:,}"


def _shift(node: Node, _: Parameter) -> str | None:
    if not isinstance(node, Number) or not isinstance(node.value, int):
        return f"{Kind.SHIFT.value}{_not(node)}"
    if abs(node.value) <= MAX_WINDOW:
        return None
    return f"at most {MAX_WINDOW:,} rows away, not {node.value:,}"


def _span(node: Node, parameter: Parameter) -> str | None:
    if isinstance(node, Number) and isinstance(node.value, float):
        return None if 0 < node.value < 1 else f"{Kind.SPAN.value}{_not(node)}"
    return _window(node, parameter)


def _fraction(node: Node, _: Parameter) -> str | None:
    inside = isinstance(node, Number) and 0 <= node.value <= 1
    return None if inside else f"{Kind.FRACTION.value}{_not(node)}"


def _tail(node: Node, _: Parameter) -> str | None:
    inside = isinstance(node, Number) and 0 <= node.value < 0.5
    return None if inside else f"{Kind.TAIL.value}{_not(node)}"


def _not(node: Node) -> str:
    return f", not {node.literal}" if isinstance(node, Number) else ", not a series"


_NUMERIC: Final = {
    Kind.WINDOW: _window,
    Kind.SHIFT: _shift,
    Kind.SPAN: _span,
    Kind.FRACTION: _fraction,
    Kind.TAIL: _tail,
}
