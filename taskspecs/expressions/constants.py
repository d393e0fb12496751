"""Arithmetic between literals, done once, with bounded results."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Final

from taskspecs.expressions.nodes import Number

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskspecs.expressions.source import Source

_LARGEST: Final = 1e300
_FOLDED: Final[dict[str, Callable[[float, float], float]]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "Div": operator.truediv,
    "Power": operator.pow,
}


def fold(source: Source, name: str, left: Number, right: Number, at: int) -> Number:
    """Compute what two literals make, as Python does.

    Raises
    ------
    BadInput
        For a comparison of literals, a division by zero, or a result out of range.
    """
    compute = _FOLDED.get(name)
    if compute is None:
        raise source.error(at, "both sides are plain numbers", "one side must be a series: $close")
    a, b = left.value, right.value
    if name == "Power" and abs(b) * math.log10(abs(a) + 1) > 300:
        raise source.error(at, f"{a} ** {b} is out of range")
    try:
        value = compute(a, b)
    except (ArithmeticError, ValueError) as error:
        raise source.error(at, f"these numbers have no result: {error}") from error
    if isinstance(value, complex) or not abs(value) < _LARGEST:
        raise source.error(at, "the result is not a number of ordinary size")
    return Number(value, left.at)
