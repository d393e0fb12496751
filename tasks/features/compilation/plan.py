"""A plan: steps in order, what each leaves behind, and where the features come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.features.compilation.fusion import fuse_orders
from tasks.features.compilation.graph import Constant, Graph, Operand, Part, Step
from tasks.features.compilation.lowering.expressions import lower

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskspecs.expressions import Node


@dataclass(frozen=True, slots=True)
class Plan:
    """What a machine does for every chunk of symbols.

    Attributes
    ----------
    inputs
        Fields to read.
    names
        Features, in the order asked for.
    types
        Of their columns: those that are neither floating point nor conditions become 32-bit floats.
    steps
        Kernels in order.
    emitted
        For each step, the features that are ready after it, with their operands.
    released
        For each step, the registers that nothing after it reads.
    """

    inputs: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[str, ...]
    steps: tuple[Step, ...]
    emitted: tuple[tuple[tuple[int, Operand], ...], ...]
    released: tuple[tuple[int, ...], ...]


def compile_plan(expressions: Mapping[str, Node], types: Mapping[str, str] | None = None) -> Plan:
    """Turn checked expressions into a plan; what they have in common is computed once.

    Parameters
    ----------
    expressions
        Feature name to tree.
    types
        Of inputs that are no 32-bit floats, by name.

    Returns
    -------
    Plan
        Steps in an order that keeps few columns alive.
    """
    graph = Graph(types or {})
    outputs = [lower(graph, node) for node in expressions.values()]
    steps, outputs = fuse_orders(graph.steps, outputs)
    last = list(range(len(steps)))
    for number, step in enumerate(steps):
        for operand in step.operands:
            if not isinstance(operand, Constant):
                last[_register(operand)] = number
    emitted: list[list[tuple[int, Operand]]] = [[] for _ in steps]
    for place, operand in enumerate(outputs):
        emitted[_register(operand)].append((place, operand))
    released: list[list[int]] = [[] for _ in steps]
    for register, number in enumerate(last):
        released[number].append(register)
    return Plan(
        tuple(graph.inputs),
        tuple(expressions),
        tuple(_type(steps[_register(operand)].dtype) for operand in outputs),
        tuple(steps),
        tuple(tuple(e) for e in emitted),
        tuple(tuple(r) for r in released),
    )


def _type(written: str) -> str:
    return written if written in {"float32", "float64", "bool"} else "float32"


def _register(operand: Operand) -> int:
    if isinstance(operand, Constant):
        raise TypeError("an expression must read a field")
    return operand.register if isinstance(operand, Part) else operand
