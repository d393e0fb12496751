"""Cross-sections cut a set of expressions into stages.

A stage computes what it can symbol by symbol; then symbols are compared, and what comes out is a
field of the next stage. Within a stage symbols are independent, so it can go through any number of
them in chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.features.compilation.lowering.instruments import OF, draw_out
from tasks.features.compilation.plan import Plan, compile_plan
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
    """

    field: str
    operator: str
    columns: tuple[int, ...]
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """Series that are not of the symbol that reads them.

    Attributes
    ----------
    symbols
        Whose they are; those of several together are made of series of each.
    fields
        Names under which later stages read its series, in the order of the plan's results.
    plan
        What is computed of it.
    """

    symbols: tuple[str, ...]
    fields: tuple[str, ...]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Stage:
    """Expressions symbol by symbol, then comparisons of their results; and series of symbols that
    others read.
    """

    plan: Plan
    comparisons: tuple[Comparison, ...]
    instruments: tuple[Instrument, ...] = ()


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
    final = {name: cutter.rewrite(draw_out(node))[0] for name, node in expressions.items()}
    stages = [cutter.stage(level) for level in range(len(cutter.levels))]
    return (*stages, Stage(compile_plan(final, cutter.types), ()))


class _Cutter:
    def __init__(self) -> None:
        self.levels: list[dict[Call, str]] = []
        self.types: dict[str, str] = {}
        self._count = 0

    def rewrite(self, node: Node) -> tuple[Node, int]:
        """Put a field in place of each comparison; also say which stage can compute the node."""
        if not isinstance(node, Call):
            return node, 0
        parts = [self.rewrite(argument) for argument in node.arguments]
        level = max(part[1] for part in parts)
        inner = Call(node.operator, tuple(part[0] for part in parts), node.at)
        if node.operator != OF and OPERATORS[node.operator].scope == "symbol":
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
        read: dict[tuple[str, ...], dict[str, Node]] = {}
        comparisons = []
        for call, name in self.levels[level].items():
            if call.operator == OF:
                symbols = tuple(part.value for part in call.arguments if isinstance(part, Text))
                read.setdefault(symbols, {})[name] = call.arguments[-1]
                continue
            series = [a for a in call.arguments if isinstance(a, Call | Field)]
            numbers = tuple(float(a.value) for a in call.arguments if isinstance(a, Number))
            columns = tuple(wanted.setdefault(node, len(wanted)) for node in series)
            comparisons.append(Comparison(name, call.operator, columns, numbers))
        plan = compile_plan({str(i): node for node, i in wanted.items()}, self.types)
        instruments = tuple(self._instrument(*one) for one in read.items())
        return Stage(plan, tuple(comparisons), instruments)

    def _instrument(self, symbols: tuple[str, ...], trees: Mapping[str, Node]) -> Instrument:
        plan = compile_plan(trees, self.types)
        self.types |= dict(zip(trees, plan.types, strict=True))
        return Instrument(symbols, tuple(trees), plan)
