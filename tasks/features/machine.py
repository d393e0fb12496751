"""Runs a plan on one chunk of symbols after another, in columns small enough for the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tasks.features.graph import FIELD, Constant, Operand, Part, Step
from tasks.features.kernels.table import UFUNCS, find

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tasks.features.plan import Plan

PAGE: Final = 512
STAGGER: Final = 72
"""Columns begin so many values after one another's place in a page of so many: a kernel's columns
would otherwise compete for the same lines of the cache."""


class Machine:
    """One worker's columns and the kernels of one plan.

    Parameters
    ----------
    plan
        What to compute.
    capacity
        Most rows in a chunk.
    """

    def __init__(self, plan: Plan, capacity: int) -> None:
        self._plan = plan
        self._capacity = capacity
        self._kernels = [None if s.kernel == FIELD else find(s.kernel) for s in plan.steps]
        self._spare: dict[tuple[str, int], list[NDArray[Any]]] = {}
        self._made = 0

    def run(
        self,
        inputs: Sequence[NDArray[np.float32]],
        bounds: NDArray[np.int64],
        emit: Callable[[int, NDArray[Any]], None],
    ) -> None:
        """Compute a chunk.

        Parameters
        ----------
        inputs
            The plan's fields, each of shape (rows,).
        bounds
            Where symbols begin and end, of shape (symbols + 1,), from 0.
        emit
            Called with a feature's number and its column, which is valid during the call only.
        """
        plan, rows = self._plan, int(bounds[-1])
        registers: dict[int, NDArray[Any]] = {}
        owned: dict[int, NDArray[Any]] = {}
        with np.errstate(all="ignore"):
            for number, step in enumerate(plan.steps):
                if step.kernel == FIELD:
                    registers[number] = inputs[_index(step)]
                else:
                    owned[number] = self._take(step)
                    registers[number] = _shape(owned[number], step, rows)
                    self._call(number, step, registers, bounds)
                for place, operand in plan.emitted[number]:
                    emit(place, _read(operand, registers))
                for register in plan.released[number]:
                    registers.pop(register)
                    if register in owned:
                        done = plan.steps[register]
                        self._spare[done.dtype, done.width].append(owned.pop(register))

    def _call(
        self,
        number: int,
        step: Step,
        registers: dict[int, NDArray[Any]],
        bounds: NDArray[np.int64],
    ) -> None:
        kernel = self._kernels[number]
        if kernel is None:
            raise TypeError("an input has no kernel")
        values = [_read(operand, registers) for operand in step.operands]
        if step.kernel == "order":
            values = [*values[:2], np.array(values[2:], np.float64)]
        if step.kernel in UFUNCS:
            kernel(*values, out=registers[number])
        else:
            kernel(registers[number], *values, bounds)

    def _take(self, step: Step) -> NDArray[Any]:
        spare = self._spare.setdefault((step.dtype, step.width), [])
        if spare:
            return spare.pop()
        self._made += 1
        start = self._made * STAGGER % PAGE
        return np.empty(step.width * self._capacity + PAGE, step.dtype)[start:]


def _shape(column: NDArray[Any], step: Step, rows: int) -> NDArray[Any]:
    """Cut a spare column to size; steps that write several rows get a table."""
    part = column[: step.width * rows]
    many = step.width > 1 or step.kernel == "order"
    return part.reshape(step.width, rows) if many else part


def _index(step: Step) -> int:
    operand = step.operands[0]
    if not isinstance(operand, Constant):
        raise TypeError("an input is read by its number")
    return int(operand.value)


def _read(operand: Operand, registers: dict[int, NDArray[Any]]) -> Any:
    if isinstance(operand, Constant):
        return operand.value
    if isinstance(operand, Part):
        return registers[operand.register][operand.row]
    return registers[operand]
