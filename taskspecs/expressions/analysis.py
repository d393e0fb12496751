"""What can be known of an expression before any data is seen."""

from __future__ import annotations

from dataclasses import dataclass

from taskspecs.expressions.nodes import Call, Field, Node, Number, walk
from taskspecs.expressions.operators import OPERATORS, Operator


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an expression needs and costs."""

    lookback_rows: int | None
    """Rows of history before the row itself; None: all of it."""
    lookahead_rows: int
    """Rows of the future; 0 for anything that may be a feature."""
    cost: float
    """Nanoseconds a row on one core, about; common parts counted once."""
    cross_section: bool = False
    """Whether symbols are compared with each other."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """Offsets that a value may depend on: from `back` rows ago to `ahead` rows hence."""

    back: int | None
    ahead: int


def fields(node: Node) -> frozenset[str]:
    """Name the fields that an expression reads.

    Examples
    --------
    >>> from taskspecs.expressions.parser import parse
    >>> sorted(fields(parse("Corr($close, $volume, 5)")))
    ['close', 'volume']
    """
    return frozenset(part.name for part in walk(node) if isinstance(part, Field))


def analyse(node: Node) -> Analysis:
    """Work out how far an expression looks back and ahead, and what it costs.

    Parameters
    ----------
    node
        A parsed expression.

    Returns
    -------
    Analysis
        Exact: a row's value is a function of the rows from `lookback_rows` before it to
        `lookahead_rows` after it, and of whether history begins in between.

    Examples
    --------
    >>> from taskspecs.expressions.parser import parse
    >>> analyse(parse("Mean(Ref($close, 5), 20)")).lookback_rows
    24
    >>> analyse(parse("Ref($close, -2) / Ref($close, -1)")).lookahead_rows
    2
    """
    reach = _reach(node)
    calls = {part for part in walk(node) if isinstance(part, Call)}
    return Analysis(
        lookback_rows=None if reach.back is None else max(reach.back, 0),
        lookahead_rows=max(reach.ahead, 0),
        cost=sum(sorted(_cost(call) for call in calls)),
        cross_section=any(OPERATORS[call.operator].scope == "cross" for call in calls),
    )


def _reach(node: Node) -> _Reach:
    if not isinstance(node, Call):
        return _Reach(0, 0)
    operator = OPERATORS[node.operator]
    reaches = [_reach(a) for a in node.arguments if isinstance(a, Call | Field)]
    ahead = max(reach.ahead for reach in reaches)
    backs = [reach.back for reach in reaches if reach.back is not None]
    back = max(backs) if len(backs) == len(reaches) else None
    return _extend(operator, _rows(node), _Reach(back, ahead))


def _extend(operator: Operator, rows: int, inner: _Reach) -> _Reach:
    if operator.lookback == "none":
        return inner
    if operator.lookback == "all" or rows == 0:
        return _Reach(None, inner.ahead)
    if operator.lookback == "window":
        return _Reach(None if inner.back is None else inner.back + rows - 1, inner.ahead)
    back = None if inner.back is None else inner.back + rows
    ahead = inner.ahead - rows
    if operator.lookback == "change":
        back = None if back is None or inner.back is None else max(back, inner.back)
        ahead = max(ahead, inner.ahead)
    return _Reach(back, ahead)


def _rows(node: Call) -> int:
    for parameter, argument in zip(
        OPERATORS[node.operator].parameters, node.arguments, strict=True
    ):
        if parameter.name == "n" and isinstance(argument, Number):
            return int(argument.value)
    return 0


def _cost(call: Call) -> float:
    operator = OPERATORS[call.operator]
    return operator.cost + operator.cost_per_row * _rows(call)
