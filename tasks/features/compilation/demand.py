"""Which rows of each step the newest rows of a symbol need, by age: the newest row has age 0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tasks.features.compilation.graph import FIELD, Constant, Part, Step
from tasks.features.kernels.table import UFUNCS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasks.features.compilation.graph import Operand
    from tasks.features.compilation.plan import Plan

IN_ROW: Final = frozenset(
    {
        *UFUNCS, "both_present", "choose", "constant_one", "constant_zero", "convert",
        "correlation", "deviation", "filled", "filled_where", "kurtosis", "not_null",
        "place_in_window", "power", "present", "require", "residual", "row_number", "rsquare",
        "sign", "skewness", "slope", "variance", "weighted",
    }
)  # fmt: skip
"""Kernels that read of each operand the row that they write."""

OLDER: Final = {
    "merge_age": frozenset({1, 2}),
    "merge_age_squared": frozenset({1, 2, 3}),
    "merge_comoment": frozenset({1, 3, 5, 7}),
    "merge_fourth": frozenset({1, 3, 5, 7, 9}),
    "merge_max": frozenset({1}),
    "merge_min": frozenset({1}),
    "merge_place_of_max": frozenset({1, 3}),
    "merge_place_of_min": frozenset({1, 3}),
    "merge_sum": frozenset({1}),
    "merge_third": frozenset({1, 3, 5, 7}),
    "shift": frozenset({0}),
}
"""The operands that a kernel reads so many rows ago as its last operand says."""

WALKED: Final = frozenset({"mean_absolute_deviation", "order"})
"""Kernels that read the whole window that their second operand gives the length of."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What to compute of a plan for the newest rows.

    Attributes
    ----------
    rows
        How many newest rows are wanted.
    ages
        For each step, the ages of the rows to compute, rising.
    depth
        Rows of the fields that are needed, the newest among them.
    """

    rows: int
    ages: tuple[tuple[int, ...], ...]
    depth: int


@lru_cache(maxsize=16)
def demand(plan: Plan, rows: int) -> Demand | None:
    """Work out what the newest rows need.

    Parameters
    ----------
    plan
        Of one stage.
    rows
        How many newest rows are wanted.

    Returns
    -------
    Demand or None
        None where a step runs over all of history.
    """
    wanted: list[set[int]] = [set() for _ in plan.steps]
    for number in reversed(range(len(plan.steps))):
        step, own = plan.steps[number], wanted[number]
        if plan.emitted[number]:
            own.update(range(rows))
        for place, operand in enumerate(step.operands):
            if not isinstance(operand, Constant):
                ages = _needed(step, place, own)
                if ages is None:
                    return None
                wanted[operand.register if isinstance(operand, Part) else operand].update(ages)
        if not step.operands and step.kernel not in IN_ROW:
            return None
    fields = (wanted[n] for n, step in enumerate(plan.steps) if step.kernel == FIELD)
    depth = 1 + max((max(ages) for ages in fields if ages), default=0)
    return Demand(rows, tuple(tuple(sorted(ages)) for ages in wanted), depth)


def _needed(step: Step, place: int, ages: set[int]) -> Iterable[int] | None:
    """Name the rows of an operand that rows of a step need; None: all of them."""
    if step.kernel in IN_ROW:
        return ages
    if step.kernel == "running_count":  # counted from the oldest row that a window leaves out
        return range(max(ages, default=0))
    if step.kernel == "windowed_count":
        return ages | {age + last_number(step) for age in ages}
    if step.kernel in OLDER and last_number(step) >= 0:
        return {age + last_number(step) for age in ages} if place in OLDER[step.kernel] else ages
    window = number(step.operands[1]) if step.kernel in WALKED else 0
    return {age + k for age in ages for k in range(window)} if window else None


def last_number(step: Step) -> int:
    """Return the rows that a step's last operand says."""
    return number(step.operands[-1])


def number(operand: Operand) -> int:
    """Return a literal number of rows."""
    if not isinstance(operand, Constant):
        raise TypeError("a number of rows is a literal")
    return int(operand.value)
