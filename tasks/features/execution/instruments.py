"""Series of one symbol that others read, computed on that symbol's own days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from configs.errors import BadInput, did_you_mean
from tasks.features.execution.chunks import Series, cut_out
from tasks.features.execution.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from tasks.features.compilation.plan import Plan
    from tasks.features.compilation.stages import Instrument
    from tasks.features.execution.batches import Batch, Source
    from tasks.features.execution.chunks import Column
    from tasks.features.execution.panel import Panel


def read_instrument(
    instrument: Instrument, source: Source, crossed: Mapping[str, Column], reader: Executor
) -> dict[str, Column]:
    """Compute series that any symbol may read, for every time of the calendar.

    On days on which their symbol is suspended its windows go on, as qlib's do; before its first day
    there is nothing. After its last day they go on too, until they are empty: on that day nobody
    knew that it was the last.

    Raises
    ------
    BadInput
        If there is no such symbol.
    """
    times, plan = source.calendar_size, instrument.plan
    if len(instrument.symbols) == 1:
        columns, first = _of_one(plan, instrument.symbols[0], source, crossed, reader)
    else:
        columns, first = _of_several(plan, crossed)
    missing = {"bool": False}  # a comparison with a missing value is false
    series = [np.full(times, missing.get(kind, np.nan), kind) for kind in plan.types]
    rows = times - first

    def emit(number: int, values: NDArray[Any]) -> None:
        series[number][first:] = values

    Machine(plan, rows).run(columns, np.array([0, rows]), emit)
    return {
        field: Series(values, first)
        for field, values in zip(instrument.fields, series, strict=True)
    }


def inputs_of(
    plan: Plan, panel: Panel, crossed: Mapping[str, Column], batch: Batch
) -> list[Column]:
    """Return what a plan reads of a batch, in its order."""
    return [
        crossed[name][batch.rows] if name in crossed else panel.fields[name] for name in plan.inputs
    ]


def _of_one(
    plan: Plan, symbol: str, source: Source, crossed: Mapping[str, Column], reader: Executor
) -> tuple[list[NDArray[Any]], int]:
    """Return what a plan reads of one symbol, and where in the calendar that begins."""
    names = source.symbols()
    if symbol not in names:
        if names and not source.is_over(symbol):
            raise BadInput(f"there is no symbol '{symbol}'", hint=did_you_mean(symbol, names))
        nothing = np.full(source.calendar_size, np.nan, np.float32)
        return [nothing for _ in plan.inputs], 0
    place = names.index(symbol)
    batch = next(one for one in source.batches if one.symbols.start <= place < one.symbols.stop)
    fields = [name for name in plan.inputs if name not in crossed]
    panel = reader.submit(source.load, batch, fields).result()
    chunk = cut_out(panel, place - batch.symbols.start, source.calendar_size)
    columns = [chunk.load(column) for column in inputs_of(plan, panel, crossed, batch)]
    return columns, int(chunk.firsts[0])


def _of_several(plan: Plan, crossed: Mapping[str, Column]) -> tuple[list[NDArray[Any]], int]:
    """Return the series that a plan puts together, from the first day of any of them on."""
    series = [column for name in plan.inputs if isinstance(column := crossed[name], Series)]
    first = min(one.first for one in series)
    return [one.values[first:] for one in series], first
