"""Runs a plan for the newest rows of many symbols at once: only the rows that those need.

Columns lie by age, symbols side by side, so that one call of a kernel serves a row of all symbols.
The kernels and the order of their operations are those of a full computation, and so are the bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.features.compilation.demand import OLDER, WALKED, last_number, number
from tasks.features.compilation.graph import FIELD, Constant, Operand, Part, Step
from tasks.features.kernels.orders import order_at_end
from tasks.features.kernels.table import UFUNCS, find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tasks.features.compilation.demand import Demand
    from tasks.features.compilation.plan import Plan


def run_newest(
    plan: Plan,
    needed: Demand,
    inputs: Sequence[NDArray[np.float32]],
    columns: NDArray[np.float32],
) -> None:
    """Compute the newest rows of symbols that all have their whole lead-in.

    Parameters
    ----------
    plan
        What to compute.
    needed
        For so many rows.
    inputs
        The plan's fields, each of shape (depth, symbols), the newest row first, NaN where missing.
    columns
        Filled with the features: of shape (features, rows, symbols), the newest row first.

    Notes
    -----
    Look-ahead: none. A row depends on inputs of its own time and before.
    """
    symbols = columns.shape[-1]
    registers: dict[int, NDArray[Any]] = {}
    with np.errstate(all="ignore"):
        for place, step in enumerate(plan.steps):
            ages = needed.ages[place]
            if not ages:  # older rows alone would read it
                continue
            if step.kernel == FIELD:
                field = inputs[last_number(step)]
                registers[place] = _rows(field, range(needed.depth), ages)
            else:
                registers[place] = _compute(step, ages, registers, needed, symbols)
            for feature, operand in plan.emitted[place]:
                columns[feature][:] = _read(operand, registers, needed, range(needed.rows))
            for register in plan.released[place]:
                registers.pop(register, None)


def _compute(
    step: Step,
    ages: tuple[int, ...],
    registers: dict[int, NDArray[Any]],
    needed: Demand,
    symbols: int,
) -> NDArray[Any]:
    if step.kernel in WALKED:
        return _walk(step, ages, registers, needed, symbols)
    if step.kernel == "running_count":
        return _count(step, ages, registers, needed, symbols)
    if step.kernel == "row_number":  # counted from the oldest row
        return np.repeat(needed.depth - 1.0 - np.array(ages, np.float64), symbols).reshape(
            len(ages), symbols
        )
    if step.kernel == "windowed_count":
        now, before = (
            _read(step.operands[0], registers, needed, [age + lag for age in ages])
            for lag in (0, number(step.operands[1]))
        )
        return np.asarray(np.subtract(now, before))
    lag = last_number(step) if step.kernel in OLDER else 0
    older = OLDER.get(step.kernel, frozenset())
    if step.kernel == "shift":
        ago = [age + lag for age in ages]
        return np.asarray(_read(step.operands[0], registers, needed, ago))
    operands = [
        _read(o, registers, needed, [age + lag for age in ages] if place in older else ages)
        for place, o in enumerate(step.operands)
    ]
    out: NDArray[Any] = np.empty((len(ages), symbols), step.dtype)
    _call(step, operands, out)
    if step.kernel == "place_in_window":
        out -= (needed.depth - np.array(ages) - number(step.operands[2]))[:, np.newaxis]
    return out


def _call(step: Step, operands: list[Any], out: NDArray[Any]) -> None:
    """Call a kernel as if all its rows were one symbol's and no part lay before another."""
    if step.kernel in UFUNCS:
        UFUNCS[step.kernel](*operands, out=out)
        return
    if step.kernel in OLDER:
        operands[-1] = 0
    if step.kernel == "place_in_window":
        operands[-1] = 0
    flat = [o.reshape(-1) if isinstance(o, np.ndarray) else o for o in operands]
    find(step.kernel)(out.reshape(-1), *flat, np.array([0, out.size]))


def _walk(
    step: Step,
    ages: tuple[int, ...],
    registers: dict[int, NDArray[Any]],
    needed: Demand,
    symbols: int,
) -> NDArray[Any]:
    """Give each window its own pass; only its last row counts."""
    window = number(step.operands[1])
    out: NDArray[Any] = np.empty((step.width, len(ages), symbols), np.float64)
    for row, age in enumerate(ages):
        inside = _read(step.operands[0], registers, needed, range(age, age + window))
        if step.kernel == "order":
            kinds = np.array([o.value for o in step.operands[2:] if isinstance(o, Constant)])
            own = np.empty((step.width, symbols), np.float64)
            order_at_end(own, inside, kinds.astype(np.float64))
            out[:, row] = own
            continue
        series = np.ascontiguousarray(inside[::-1].T)
        whole = np.empty(series.size, np.float64)
        bounds = np.arange(symbols + 1, dtype=np.int64) * window
        find(step.kernel)(whole, series.reshape(-1), window, bounds)
        out[0, row] = whole[window - 1 :: window]
    return out if step.kernel == "order" else out[0]


def _count(
    step: Step,
    ages: tuple[int, ...],
    registers: dict[int, NDArray[Any]],
    needed: Demand,
    symbols: int,
) -> NDArray[Any]:
    """Count from the oldest age asked for, before which there is nothing to count."""
    oldest = max(ages)
    so_far = np.zeros((oldest + 1, symbols), np.float64)
    if oldest:
        mask = _read(step.operands[0], registers, needed, range(oldest))
        for age in reversed(range(oldest)):
            np.add(so_far[age + 1], mask[age], out=so_far[age])
    return _rows(so_far, range(oldest + 1), ages)


def _read(
    operand: Operand,
    registers: dict[int, NDArray[Any]],
    needed: Demand,
    ages: Sequence[int],
) -> Any:
    """Take rows of an operand by age."""
    if isinstance(operand, Constant):
        return operand.value
    if isinstance(operand, Part):
        table = registers[operand.register][operand.row]
        return _rows(table, needed.ages[operand.register], ages)
    return _rows(registers[operand], needed.ages[operand], ages)


def _rows(table: NDArray[Any], there: Sequence[int], wanted: Sequence[int]) -> NDArray[Any]:
    """Take rows from a table whose rows are of the ages `there`; no copy where they touch."""
    if len(there) == len(wanted):
        return table
    places = np.searchsorted(there, wanted)
    first, last = int(places[0]), int(places[-1])
    if last - first + 1 == len(wanted):
        return table[first : last + 1]
    taken: NDArray[Any] = table.take(places, axis=0)
    return taken
