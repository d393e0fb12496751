"""A program: a plan whose steps know by number where they read and write."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.features.compilation.graph import FIELD, Constant, Part
from tasks.features.kernels.table import UFUNCS, find

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tasks.features.compilation.graph import Operand, Step
    from tasks.features.compilation.plan import Plan

    Instruction = tuple[
        Callable[..., object] | None,
        Callable[[Sequence[Any]], tuple[Any, ...]],
        list[tuple[int, int]],
    ]
    """A kernel, what takes its arguments from the slots, and the features that are ready after it,
    with their slots."""

BOUNDS = 0
"""The slot of the symbols' bounds."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that steps take turns in, or a table of several."""

    dtype: str
    width: int
    table: bool


@dataclass(frozen=True, slots=True)
class Program:
    """What a machine runs through for every chunk.

    Attributes
    ----------
    columns
        To be made once, long enough for the longest chunk.
    instructions
        In order.
    constants
        Slot and value of what no chunk changes.
    inputs
        Slot and number of each field.
    owned
        Slot and number of each column.
    parts
        Slot of a row of a table, the table's slot, and which row.
    """

    columns: tuple[Column, ...]
    instructions: tuple[Instruction, ...]
    constants: tuple[tuple[int, Any], ...]
    inputs: tuple[tuple[int, int], ...]
    owned: tuple[tuple[int, int], ...]
    parts: tuple[tuple[int, int, int], ...]

    def fill(
        self,
        columns: Sequence[NDArray[Any]],
        inputs: Sequence[NDArray[np.float32]],
        bounds: NDArray[np.int64],
    ) -> list[Any]:
        """Put what a chunk is computed from, and in, into slots."""
        rows = int(bounds[-1])
        count = 1 + len(self.constants) + len(self.inputs) + len(self.owned) + len(self.parts)
        slots: list[Any] = [bounds] * count
        for slot, value in self.constants:
            slots[slot] = value
        for slot, number in self.inputs:
            slots[slot] = inputs[number]
        for slot, number in self.owned:
            column = self.columns[number]
            part = columns[number][: column.width * rows]
            slots[slot] = part.reshape(column.width, rows) if column.table else part
        for slot, table, row in self.parts:
            slots[slot] = slots[table][row]
        return slots


@lru_cache(maxsize=16)
def compile_program(plan: Plan) -> Program:
    """Give every value of a plan a slot; a column is used again once nothing reads it."""
    compiler = _Compiler()
    instructions = tuple(compiler.step(plan, number) for number in range(len(plan.steps)))
    return Program(
        tuple(compiler.columns),
        instructions,
        tuple(compiler.constants),
        tuple(compiler.inputs),
        tuple(compiler.owned),
        tuple(compiler.parts),
    )


class _Compiler:
    def __init__(self) -> None:
        self.columns: list[Column] = []
        self.constants: list[tuple[int, Any]] = []
        self.inputs: list[tuple[int, int]] = []
        self.owned: list[tuple[int, int]] = []
        self.parts: list[tuple[int, int, int]] = []
        self._known: dict[object, int] = {}
        self._places: dict[int, int] = {}
        self._spare: dict[Column, list[int]] = {}
        self._count = BOUNDS

    def step(self, plan: Plan, number: int) -> Instruction:
        """Compile a step, and free the columns that nothing after it reads."""
        step = plan.steps[number]
        kernel: Callable[..., object] | None = None
        order = [BOUNDS, BOUNDS]
        if step.kernel == FIELD:
            self._places[number] = self._input(step)
        else:
            operands = self._operands(step)
            out = self._places[number] = self._take(step)
            kernel, order = find(step.kernel), [out, *operands, BOUNDS]
            if step.kernel in UFUNCS:
                kernel, order = _write_first(UFUNCS[step.kernel]), [out, *operands]
        emitted = [(feature, self._find(operand)) for feature, operand in plan.emitted[number]]
        for register in plan.released[number]:
            if plan.steps[register].kernel != FIELD:
                self._spare[_column(plan.steps[register])].append(self._places[register])
        return kernel, itemgetter(*order), emitted

    def _operands(self, step: Step) -> list[int]:
        if step.kernel != "order":
            return [self._find(operand) for operand in step.operands]
        series, window, *kinds = step.operands
        values = [kind.value for kind in kinds if isinstance(kind, Constant)]
        return [self._find(series), self._find(window), self._constant(np.array(values, float))]

    def _find(self, operand: Operand) -> int:
        if isinstance(operand, Constant):
            return self._known.get(operand) or self._constant(operand.value, operand)
        if isinstance(operand, Part):
            key = (self._places[operand.register], operand.row)
            return self._known.get(key) or self._add(self.parts, key, key)
        return self._places[operand]

    def _constant(self, value: Any, key: object = None) -> int:
        return self._add(self.constants, key, (value,))

    def _input(self, step: Step) -> int:
        (number,) = step.operands
        if not isinstance(number, Constant):
            raise TypeError("an input is read by its number")
        return self._add(self.inputs, None, (int(number.value),))

    def _take(self, step: Step) -> int:
        column = _column(step)
        spare = self._spare.setdefault(column, [])
        if spare:
            return spare.pop()
        self.columns.append(column)
        return self._add(self.owned, None, (len(self.columns) - 1,))

    def _add(self, slots: list[Any], key: object, value: tuple[Any, ...]) -> int:
        """Make a slot, to be found again by its key."""
        self._count += 1
        slots.append((self._count, *value))
        if key is not None:
            self._known[key] = self._count
        return self._count


def _write_first(ufunc: np.ufunc) -> Callable[..., object]:
    """Call one of numpy's functions as a kernel is called: what it writes comes first."""

    def kernel(out: NDArray[Any], *operands: Any) -> object:
        return ufunc(*operands, out=out)

    return kernel


def _column(step: Step) -> Column:
    """Say what a step writes into; those that write several rows get a table."""
    return Column(step.dtype, step.width, table=step.width > 1 or step.kernel == "order")
