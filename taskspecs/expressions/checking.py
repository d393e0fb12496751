"""Whether an expression may stand where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import did_you_mean
from taskspecs.expressions.nodes import Call, Field, Node, Number, walk
from taskspecs.expressions.operators import OPERATORS
from taskspecs.expressions.parser import parse
from taskspecs.expressions.source import Source

if TYPE_CHECKING:
    from collections.abc import Collection


def check(text: str, *, known_fields: Collection[str] | None, allow_lookahead: bool) -> Node:
    """Read an expression and refuse what its place does not allow.

    Parameters
    ----------
    text
        The expression.
    known_fields
        Columns it may read; None where they are not known yet.
    allow_lookahead
        Whether it may read the future, as a label may and a feature may not.

    Returns
    -------
    Node
        The parsed expression.

    Raises
    ------
    BadInput
        With the column, a caret and near matches.
    """
    node = parse(text)
    source = Source(text)
    for part in walk(node):
        if isinstance(part, Field) and known_fields is not None and part.name not in known_fields:
            raise source.error(
                part.at, f"there is no field ${part.name}", did_you_mean(part.name, known_fields)
            )
        if isinstance(part, Call) and not allow_lookahead:
            _refuse_lookahead(source, part)
    return node


def _refuse_lookahead(source: Source, call: Call) -> None:
    if OPERATORS[call.operator].lookback not in {"shift", "change"}:
        return
    shift = call.arguments[1]
    if isinstance(shift, Number) and shift.value < 0:
        raise source.error(
            shift.at,
            f"{call.operator} with a negative shift looks {-shift.value} rows ahead",
            "only a label may read the future; a positive shift looks back",
        )
