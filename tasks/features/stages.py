"""Cross-sections cut a set of expressions into stages.

A stage computes what it can symbol by symbol; then symbols are compared, and what comes out is a
field of the next stage. Within a stage symbols are independent, so it can go through any number of
them in chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.features.plan import Plan, compile_plan
from taskspecs.expressions.nodes import Call, Field, Node, Number, Text
from taskspecs.expressions.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Comparison:
    """One operator across symbols.

    Attributes
    ----------
    field
        Name under which later stages read the result.
    operator
        Which one.
    columns
        Places, among the stage's results, of what it compares.
    numbers
        Its plain numbers.
    symbols
        The symbols it names.
    """

    field: str
    operator: str
    columns: tuple[int, ...]
    numbers: tuple[float, ...]
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """Expressions symbol by symbol, then comparisons of their results."""

    plan: Plan
    comparisons: tuple[Comparison, ...]


def cut_stages(expressions: Mapping[str, Node]) -> tuple[Stage, ...]:
    """Order a set of expressions into stages.

    Parameters
    ----------
    expressions
        Feature name to checked tree.

    Returns
    -------
    tuple
        The last stage's results are the features.
    """
    cutter = _Cutter()
    final = {name: cutter.rewrite(node)[0] for name, node in expressions.items()}
    stages = [cutter.stage(level) for level in range(len(cutter.levels))]
    return (*stages, Stage(compile_plan(final), ()))


class _Cutter:
    def __init__(self) -> None:
        self.levels: list[dict[Call, str]] = []
        self._count = 0

    def rewrite(self, node: Node) -> tuple[Node, int]:
        """Put a field in place of each comparison; also say which stage can compute the node."""
        if not isinstance(node, Call):
            return node, 0
        parts = [self.rewrite(argument) for argument in node.arguments]
        level = max(part[1] for part in parts)
        inner = Call(node.operator, tuple(part[0] for part in parts), node.at)
        if OPERATORS[node.operator].scope == "symbol":
            return inner, level
        while len(self.levels) <= level:
            self.levels.append({})
        if inner not in self.levels[level]:
            self.levels[level][inner] = f"#{self._count}"
            self._count += 1
        return Field(self.levels[level][inner]), level + 1

    def stage(self, level: int) -> Stage:
        """Compile what the comparisons of one level read."""
        wanted: dict[Node, int] = {}
        comparisons = []
        for call, name in self.levels[level].items():
            series = [a for a in call.arguments if isinstance(a, Call | Field)]
            numbers = tuple(float(a.value) for a in call.arguments if isinstance(a, Number))
            symbols = tuple(a.value for a in call.arguments if isinstance(a, Text))
            columns = tuple(wanted.setdefault(node, len(wanted)) for node in series)
            comparisons.append(Comparison(name, call.operator, columns, numbers, symbols))
        return Stage(compile_plan({str(i): node for node, i in wanted.items()}), tuple(comparisons))
