"""Runs stages over batches, several chunks at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tasks.features.chunks import Chunk, cut_chunks
from tasks.features.comparing import CrossSections
from tasks.features.machine import Machine
from tasks.features.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from tasks.features.batches import Batch, Source
    from tasks.features.panel import Panel
    from tasks.features.plan import Plan
    from tasks.features.stages import Stage

Columns = list["NDArray[np.float32]"]

LONG: Final = 2_000_000
"""Rows from which a column is large enough for large pages of its own."""


def run(stages: Sequence[Stage], source: Source, threads: int) -> Iterator[tuple[Panel, Columns]]:
    """Compute all stages; give the last one's results batch by batch, in order.

    While one batch is worked on, the next is read.

    Parameters
    ----------
    stages
        What to compute.
    source
        Where bars come from.
    threads
        Chunks to work on at once.

    Yields
    ------
    tuple
        The batch and one column of shape (rows,) for each feature.
    """
    with ThreadPoolExecutor(threads) as pool, ThreadPoolExecutor(1) as reader, Scratch() as scratch:
        crossed: dict[str, NDArray[np.float32]] = {}
        if len(stages) > 1:
            sections = CrossSections(source.times(), *source.symbols())
        rows = source.batches[-1].rows.stop if source.batches else 0
        for stage in stages[:-1]:
            columns = [scratch.column(rows) for _ in stage.plan.names]
            for batch, panel in _read(stage.plan, source, reader):
                parts = [column[batch.rows] for column in columns]
                compute(stage.plan, _inputs(stage.plan, panel, crossed, batch), panel, parts, pool)
            for comparison in stage.comparisons:
                crossed[comparison.field] = scratch.column(rows)
                sections.compare(comparison, columns, crossed[comparison.field], pool)
        plan = stages[-1].plan
        for batch, panel in _read(plan, source, reader):
            columns = _allocate(len(plan.names), panel.keys.height)
            compute(plan, _inputs(plan, panel, crossed, batch), panel, columns, pool)
            yield panel, columns


def _allocate(count: int, rows: int) -> Columns:
    """Make columns; short ones from one block, which the system maps in large pages."""
    if rows > LONG:
        return [np.empty(rows, np.float32) for _ in range(count)]
    return list(np.empty((count, rows), np.float32))


def _read(plan: Plan, source: Source, reader: Executor) -> Iterator[tuple[Batch, Panel]]:
    names = [name for name in plan.inputs if not name.startswith("#")]
    waiting = None
    for number, batch in enumerate(source.batches):
        panel = (waiting or reader.submit(source.load, batch, names)).result()
        waiting = None
        if number + 1 < len(source.batches):
            waiting = reader.submit(source.load, source.batches[number + 1], names)
        yield batch, panel


def _inputs(
    plan: Plan, panel: Panel, crossed: Mapping[str, NDArray[np.float32]], batch: Batch
) -> list[NDArray[np.float32]]:
    return [
        crossed[name][batch.rows] if name in crossed else panel.fields[name] for name in plan.inputs
    ]


def compute(
    plan: Plan,
    inputs: Sequence[NDArray[np.float32]],
    panel: Panel,
    columns: Sequence[NDArray[np.float32]],
    pool: ThreadPoolExecutor,
) -> None:
    """Run a plan over a panel, chunk by chunk, into columns of shape (rows,)."""
    chunks = cut_chunks(panel)
    capacity = max((chunk.grid_rows for chunk in chunks), default=0)
    own = threading.local()

    def work(chunk: Chunk) -> None:
        if not hasattr(own, "machine"):
            own.machine = Machine(plan, capacity)

        def emit(feature: int, values: NDArray[Any]) -> None:
            chunk.store(values, columns[feature])

        own.machine.run([chunk.load(column) for column in inputs], chunk.bounds, emit)

    jobs = [pool.submit(work, chunk) for chunk in chunks]
    try:
        for job in jobs:
            job.result()
    finally:  # after a failure or an interruption, what has not begun never will
        for job in jobs:
            job.cancel()
