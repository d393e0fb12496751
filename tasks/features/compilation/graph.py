"""The graph of steps that a set of expressions becomes; equal steps are one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Constant:
    """A number in a step; 1 and 1.0 differ, as they do for numpy's types."""

    value: int | float = field(compare=False)
    literal: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "literal", repr(self.value))


@dataclass(frozen=True, slots=True)
class Part:
    """One row of a step that writes several."""

    register: int
    row: int


Operand: TypeAlias = int | Constant | Part
"""The number of a step, a literal, or a row of a step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One kernel, what it reads, and the type and number of the columns it writes."""

    kernel: str
    operands: tuple[Operand, ...]
    dtype: str = "float64"
    width: int = 1


FIELD = "field"
"""The kernel of a step that reads an input; its only operand is the input's number."""


class Graph:
    """Steps in an order in which each comes after what it reads.

    Parameters
    ----------
    types
        Of inputs that are no 32-bit floats, by name.

    Attributes
    ----------
    steps
        The steps; a step's place is its number.
    inputs
        Names of the fields read, in order of their numbers.
    """

    def __init__(self, types: Mapping[str, str] | None = None) -> None:
        self._types = types or {}
        self.steps: list[Step] = []
        self.inputs: list[str] = []
        self._numbers: dict[Step, int] = {}
        self._known: dict[tuple[object, ...], Operand] = {}

    def add(
        self, kernel: str, *operands: Operand, dtype: str | np.dtype = "float64", width: int = 1
    ) -> int:
        """Add a step unless it is there, and return its number."""
        step = Step(kernel, operands, dtype if isinstance(dtype, str) else dtype.name, width)
        if step not in self._numbers:
            self._numbers[step] = len(self.steps)
            self.steps.append(step)
        return self._numbers[step]

    def once(self, key: tuple[object, ...], make: Callable[[], Operand]) -> Operand:
        """Return what `make` gave for this key the first time."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def kernel(self, operand: Operand) -> str | None:
        """Name the kernel that writes an operand, if it is a whole step."""
        return self.steps[operand].kernel if isinstance(operand, int) else None

    def add_input(self, name: str) -> int:
        """Add an input unless it is there, and return its step's number."""
        if name not in self.inputs:
            self.inputs.append(name)
        dtype = self._types.get(name, "float32")
        return self.add(FIELD, Constant(self.inputs.index(name)), dtype=dtype)

    def dtype(self, operand: Operand) -> np.dtype:
        """Type of a step's column."""
        if isinstance(operand, Constant):
            raise TypeError("a literal has no column")
        register = operand.register if isinstance(operand, Part) else operand
        return np.dtype(self.steps[register].dtype)
