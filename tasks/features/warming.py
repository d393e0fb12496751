"""Machine code for the kernels of a plan, made before there is data to wait for it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.features.evaluation import evaluate
from tasks.features.execution.panel import KEYS
from tasks.features.kernels import crosses, storing
from tasks.features.kernels.orders import order_at_end
from tasks.features.kernels.table import KERNELS
from tasks.features.study import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tasks.features.compilation.plan import Plan

ROWS = 3
COLD_S = 1.0


@dataclass(frozen=True, slots=True)
class Warmth:
    """What it took to get the kernels ready.

    Attributes
    ----------
    compiled
        Kernels that were compiled; the others were found compiled.
    seconds
        How long it took.
    """

    compiled: int
    seconds: float


def warm(
    schema: pl.Schema, expressions: Mapping[str, str], *, on_cold: Callable[[], object] = int
) -> Warmth:
    """Run expressions on a few rows of nothing, which compiles or loads the kernels they need.

    Parameters
    ----------
    schema
        Of the bars.
    expressions
        Feature name to expression.
    on_cold
        Called once if kernels are being compiled for more than `COLD_S`.

    Returns
    -------
    Warmth
        Machine code is kept on the machine: the next process compiles nothing.
    """
    began, before = time.perf_counter(), _misses()
    rows = pl.select(
        pl.lit("A").alias("symbol"),
        pl.int_range(ROWS).cast(schema["ts"]).alias("ts"),
        *(pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in KEYS),
    )
    with _watching(before, on_cold):
        evaluate(rows, expressions, threads=1)
        for stage in prepare(rows, expressions, allow_lookahead=False).stages:
            for plan in (stage.plan, *(instrument.plan for instrument in stage.instruments)):
                _warm_newest(plan)
    return Warmth(_misses() - before, time.perf_counter() - began)


@contextmanager
def _watching(before: int, on_cold: Callable[[], object]) -> Iterator[None]:
    """Tell of compilation while it goes on; loading what was compiled is not worth a word."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(COLD_S):
            if _misses() > before:
                on_cold()
                return

    thread = threading.Thread(target=watch, name="kernels", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _warm_newest(plan: Plan) -> None:
    """Call what only an appended day calls."""
    for step in plan.steps:
        if step.kernel == "order" and isinstance(step.operands[0], int):
            window = np.zeros((1, 1), plan.steps[step.operands[0]].dtype)
            order_at_end(np.empty((1, 1)), window, np.zeros(1))


def _misses() -> int:
    """Count the compilations of this process."""
    kernels: list[Any] = [*KERNELS.values(), *vars(crosses).values(), *vars(storing).values()]
    counted = (getattr(kernel, "stats", None) for kernel in kernels)
    # Lists, for another thread may be compiling.
    return sum(sum([*stats.cache_misses.values()]) for stats in counted if stats is not None)
