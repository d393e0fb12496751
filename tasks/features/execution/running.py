"""Runs stages over batches: chunks side by side, a batch ahead of who takes them."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tasks.features.execution.chunks import CHUNK_ROWS, Chunk, cut_chunks
from tasks.features.execution.comparing import CrossSections
from tasks.features.execution.instruments import inputs_of, read_instrument
from tasks.features.execution.machine import Machine
from tasks.features.execution.results import Memory, hold
from tasks.features.execution.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from numpy.typing import NDArray

    from tasks.features.compilation.plan import Plan
    from tasks.features.compilation.stages import Stage
    from tasks.features.execution.batches import Batch, Source
    from tasks.features.execution.chunks import Column
    from tasks.features.execution.panel import Panel
    from tasks.features.execution.results import Results

AHEAD: Final = 1
"""Batches that are computed while who takes them is busy with an earlier one."""


def run(stages: Sequence[Stage], source: Source, threads: int) -> Iterator[tuple[Panel, Results]]:
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
        The batch and its features.
    """
    with ThreadPoolExecutor(threads) as pool, ThreadPoolExecutor(1) as reader, Scratch() as scratch:
        crossed: dict[str, Column] = {}
        compared = any(stage.comparisons for stage in stages)
        sections = CrossSections(source.times()) if compared else None
        rows = source.batches[-1].rows.stop if source.batches else 0
        for stage in stages[:-1]:
            for instrument in stage.instruments:
                crossed |= read_instrument(instrument, source, crossed, reader)
            if sections is None or not stage.comparisons:
                continue
            columns = [scratch.column(rows) for _ in stage.plan.names]
            worker = Worker(stage.plan, pool)
            for batch, panel in _read(stage.plan, source, reader):
                parts = hold([column[batch.rows] for column in columns], panel.keys.height)
                worker.begin(inputs_of(stage.plan, panel, crossed, batch), panel, parts).finish()
            for comparison in stage.comparisons:
                column = crossed[comparison.field] = scratch.column(rows)
                sections.compare(comparison, columns, column, pool)
        yield from _run_last(stages[-1].plan, source, crossed, pool, reader)


def _run_last(
    plan: Plan,
    source: Source,
    crossed: Mapping[str, Column],
    pool: Executor,
    reader: Executor,
) -> Iterator[tuple[Panel, Results]]:
    worker, waiting = Worker(plan, pool), deque[Computation]()
    rows = [batch.rows.stop - batch.rows.start for batch in source.batches]
    memory = Memory(len(plan.names), rows)
    try:
        for batch, panel in _read(plan, source, reader):
            results = memory.borrow(panel.keys.height)
            waiting.append(worker.begin(inputs_of(plan, panel, crossed, batch), panel, results))
            if len(waiting) > AHEAD:
                yield waiting.popleft().finish()
        while waiting:
            yield waiting.popleft().finish()
    finally:  # whoever takes them may want no more
        for computation in waiting:
            computation.cancel()


def _read(plan: Plan, source: Source, reader: Executor) -> Iterator[tuple[Batch, Panel]]:
    names = [name for name in plan.inputs if not name.startswith("#")]
    waiting = None
    for number, batch in enumerate(source.batches):
        panel = (waiting or reader.submit(source.load, batch, names)).result()
        waiting = None
        if number + 1 < len(source.batches):
            waiting = reader.submit(source.load, source.batches[number + 1], names)
        yield batch, panel


@dataclass(frozen=True, slots=True)
class Computation:
    """A batch whose chunks are being computed."""

    panel: Panel
    results: Results
    jobs: Sequence[Future[NDArray[np.int64]]]
    bounds: Sequence[int]

    def finish(self) -> tuple[Panel, Results]:
        """Wait until all of it is there."""
        try:
            missing = [job.result() for job in self.jobs]
        finally:  # after a failure or an interruption, what has not begun never will
            self.cancel()
        self.results.settle(np.sum(missing, axis=0, dtype=np.int64), self.bounds)
        return self.panel, self.results

    def cancel(self) -> None:
        """Leave out what has not begun."""
        for job in self.jobs:
            job.cancel()


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs a plan on chunks; its machines keep their columns from batch to batch."""

    plan: Plan
    pool: Executor
    machines: list[Machine] = field(default_factory=list)

    def begin(self, inputs: Sequence[Column], panel: Panel, results: Results) -> Computation:
        """Let the pool run the plan over a panel, chunk by chunk."""
        chunks = cut_chunks(panel)
        jobs = [self.pool.submit(self._work, chunk, inputs, results) for chunk in chunks]
        return Computation(panel, results, jobs, [chunk.rows.stop for chunk in chunks])

    def _work(self, chunk: Chunk, inputs: Sequence[Column], results: Results) -> NDArray[np.int64]:
        """Compute a chunk; count for each feature what is missing."""
        missing = np.zeros(len(self.plan.names), np.int64)
        stretches = chunk.stretches()

        def emit(feature: int, values: NDArray[Any]) -> None:
            missing[feature] = chunk.store(values, stretches, results, feature)

        machine = self._take(chunk.grid_rows)
        machine.run([chunk.load(column) for column in inputs], chunk.bounds, emit)
        self.machines.append(machine)
        return missing

    def _take(self, rows: int) -> Machine:
        """Take a machine that is at rest and has room for so many rows, or make one."""
        try:
            machine = self.machines.pop()
        except IndexError:
            machine = None
        if machine is None or machine.capacity < rows:
            machine = Machine(self.plan, max(rows, CHUNK_ROWS))
        return machine
