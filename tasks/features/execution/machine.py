"""Runs a plan on one chunk of symbols after another, in columns small enough for the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tasks.features.compilation.program import compile_program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tasks.features.compilation.plan import Plan

PAGE: Final = 512
STAGGER: Final = 72
"""Columns begin so many values after one another's place in a page of so many: a kernel's columns
would otherwise compete for the same lines of the cache."""


class Machine:
    """One worker's columns and the program of one plan.

    Parameters
    ----------
    plan
        What to compute.
    capacity
        Most rows in a chunk.

    Attributes
    ----------
    capacity
        The same.
    """

    def __init__(self, plan: Plan, capacity: int) -> None:
        self.capacity = capacity
        self._program = compile_program(plan)
        self._columns = [
            np.empty(c.width * capacity + PAGE, c.dtype)[number * STAGGER % PAGE :]
            for number, c in enumerate(self._program.columns, start=1)
        ]

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
        slots = self._program.fill(self._columns, inputs, bounds)
        with np.errstate(all="ignore"):
            for kernel, read, emitted in self._program.instructions:
                if kernel is not None:
                    kernel(*read(slots))
                for feature, slot in emitted:
                    emit(feature, slots[slot])
