"""Rules of the operators that stay in their row, and of shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tasks.features.compilation.graph import Constant
from tasks.features.compilation.lowering.windows import to_float
from tasks.features.kernels.table import UFUNCS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.features.compilation.graph import Graph, Operand


def _sample(graph: Graph, operand: Operand) -> Any:
    """One value of the operand's type: what numpy makes of it shows the type of the result."""
    if isinstance(operand, Constant):
        return operand.value
    return np.ones(1, graph.dtype(operand))


def rowwise(graph: Graph, name: str, *operands: Operand) -> Operand:
    """Lower an operator that numpy has."""
    samples = [_sample(graph, operand) for operand in operands]
    with np.errstate(all="ignore"):
        result = UFUNCS[name](*samples)
    return graph.add(name, *operands, dtype=result.dtype)


def sign(graph: Graph, x: Operand) -> Operand:
    """Lower `Sign`."""
    return graph.add("sign", x, dtype="float32")


def choose(graph: Graph, condition: Operand, a: Operand, b: Operand) -> Operand:
    """Lower `If`."""
    result = np.where(np.ones(1, np.bool_), _sample(graph, a), _sample(graph, b))
    return graph.add("choose", condition, a, b, dtype=result.dtype)


def power(graph: Graph, a: Operand, b: Operand) -> Operand:
    """Lower `Power`; whole numbers become floats, which have negative powers."""
    a, b = (x if isinstance(x, Constant) else to_float(graph, x) for x in (a, b))
    with np.errstate(all="ignore"):
        result = _sample(graph, a) ** _sample(graph, b)
    return graph.add("power", a, b, dtype=result.dtype)


def reference(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Ref`; n = 0 is the first value."""
    x = to_float(graph, x)
    if n == 0:
        return graph.add("first", x, dtype=graph.dtype(x))
    return graph.add("shift", x, Constant(n), dtype=graph.dtype(x))


def change(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Delta`."""
    x = to_float(graph, x)
    return rowwise(graph, "Sub", x, reference(graph, x, n))


RULES: Final[dict[str, Callable[..., Operand]]] = {
    "Delta": change,
    "If": choose,
    "Power": power,
    "Ref": reference,
    "Sign": sign,
}
"""The rule of each operator that is not numpy's own."""
