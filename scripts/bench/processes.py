"""What two processes make of many series: the throughput over that of one, wall and CPU.

The detectors are those that a shipped study watches each symbol with (`us_reversal`). The figures
that depend on who else uses the machine stand beside one that shows it, `machine_speed_up`: what
two processes of plain Python sums, in the same minute, make over one. `speed_up_by_cpu` does not
depend on it: the CPU time of one process over that of the longer way of two, which is all that the
first process does, and half of what its two helpers do.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import psutil
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor

from tasks.detection import detect
from taskspecs.detectors import Adwin, HalfSpaceTreesDetector

if TYPE_CHECKING:
    from collections.abc import Callable

BARS = 2_500
DETECTORS = [
    Adwin(detector="adwin", watch="$r", delta=0.002),
    HalfSpaceTreesDetector(detector="half_space_trees", watch=("$s", "$v", "$r")),
]
ROUNDS = 3
_SUMS = 50_000_000


def speed_up(symbols: int) -> dict[str, float]:
    """Stream the same symbols through one process, two new ones, and two that are there."""
    bars = draw(symbols)
    run(bars.head(2 * BARS), 1)  # what is imported once is no part of a comparison
    one = measure(lambda: run(bars, 1))
    get_reusable_executor().shutdown(wait=True)
    new = measure(lambda: run(bars, 2))
    known = measure(lambda: run(bars, 2))
    if len({one["patterns"], new["patterns"], known["patterns"]}) != 1:
        raise SystemExit("the number of processes changed the result")
    pairs = [(_sums(1) + _sums(1), _sums(2)) for _ in range(ROUNDS)]
    alone, together = (min(side) for side in zip(*pairs, strict=True))
    return {
        "series": symbols,
        "bars": symbols * BARS,
        "one_s": one["wall"],
        "two_new_s": new["wall"],
        "two_s": known["wall"],
        "speed_up_with_starting": one["wall"] / new["wall"],
        "speed_up": one["wall"] / known["wall"],
        "machine_speed_up": alone / together,
        "serial_cpu_s": known["own"],
        "speed_up_by_cpu_with_starting": one["own"] / (new["own"] + new["helpers"] / 2.0),
        "speed_up_by_cpu": one["own"] / (known["own"] + known["helpers"] / 2.0),
    }


def draw(symbols: int) -> pl.DataFrame:
    rng = np.random.default_rng(3)
    first, last = datetime(2014, 1, 1, tzinfo=UTC), datetime(2034, 1, 1, tzinfo=UTC)
    times = pl.datetime_range(first, last, "1d", eager=True)[:BARS]
    parts = []
    for number in range(symbols):
        values = 0.01 * rng.standard_t(4, size=(BARS, 3))
        values[BARS // 2 :, 0] += 0.01 * (number % 3 == 0)
        names = dict(zip(("$r", "$s", "$v"), values.T, strict=True))
        parts.append(pl.DataFrame({"symbol": f"S{number:04}", "ts": times, **names}))
    return pl.concat(parts)


def run(bars: pl.DataFrame, jobs: int) -> int:
    found = detect(bars, bars.clear().select("symbol", "ts"), DETECTORS, jobs=jobs).patterns
    return hash(tuple(found["pattern_id"]))


def measure(task: Callable[[], int]) -> dict[str, Any]:
    began, own, helpers = time.perf_counter(), time.process_time(), _helpers_cpu()
    patterns = task()
    return {
        "patterns": patterns,
        "wall": time.perf_counter() - began,
        "own": time.process_time() - own,
        "helpers": _helpers_cpu() - helpers,
    }


def _helpers_cpu() -> float:
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(one.user + one.system for one in times)


def _sums(processes: int) -> float:
    began = time.perf_counter()
    Parallel(n_jobs=2, batch_size=1)(delayed(sum)(range(_SUMS)) for _ in range(processes))
    return time.perf_counter() - began
