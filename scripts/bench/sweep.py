"""How long a sweep of a cheap signal takes, and whether its memory stays flat.

A thousand variants of the momentum study that ships, on the prices that ship, in a workspace of
its own that is thrown away. Memory is that of this process and its workers together, sampled twice
a second; it is flat when the last third of the points needs no more than the third before. What
comes after the points (the page, the warehouse) happens once, and counts for the peak alone.

    .venv/bin/python scripts/bench/sweep.py [--points N] [--jobs N] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from typing import Any

import psutil

from configs.settings import Settings
from configs.workspace import open_workspace
from tasks.sweep.axes import read_axis
from tasks.sweep.grid import lay_out_grid
from tasks.sweep.sweep import sweep
from taskspecs.catalogue import find
from taskspecs.load import load

AXES = (
    "features.define.momentum@120=" + ",".join(str(bars) for bars in range(5, 255, 5)),
    "topk=1,2,3,4,5",
    "rebalance_bars=1,2,5,10",
)
SAMPLE_S = 0.5
MIB = 1 << 20


class Memory(threading.Thread):
    """Samples the memory and the processor time of this process and its workers."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.samples: list[int] = []
        self.cpu_s: dict[int, float] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_S):
            self.samples.append(sum(map(self._look, [psutil.Process(), *self._workers()])))

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _workers(self) -> list[psutil.Process]:
        return psutil.Process().children(recursive=True)

    def _look(self, process: psutil.Process) -> int:
        try:
            times = process.cpu_times()
            self.cpu_s[process.pid] = times.user + times.system
            return process.memory_info().rss
        except psutil.NoSuchProcess:
            return 0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--points", type=int, default=1_000)
    options.add_argument("--jobs", type=int, default=-1)
    options.add_argument("--json", action="store_true", help="print one JSON object, last")
    chosen = options.parse_args()
    figures = measure(chosen.points, chosen.jobs)
    if chosen.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<34} {value}")


def measure(points: int, jobs: int) -> dict[str, Any]:
    spec, document = load(find("us_momentum"))
    grid = lay_out_grid(document, [read_axis(text, spec) for text in AXES], sample=points)
    memory = Memory()
    with tempfile.TemporaryDirectory(prefix="qraft-bench-") as folder:
        memory.start()
        began = time.perf_counter()
        places: list[int] = []  # how many samples there were when some points were done
        swept = sweep(
            grid, open_workspace(folder), Settings(), jobs=jobs,
            on_progress=lambda _done, _all: places.append(len(memory.samples)),
        )  # fmt: skip
        seconds = time.perf_counter() - began
        memory.stop()
    computing = memory.samples[places[0] : places[-1]]
    third = len(computing) // 3
    middle, last = max(computing[third : 2 * third]), max(computing[2 * third :])
    return {
        "sweep_points": swept.table.height,
        "sweep_refused": swept.table.filter(swept.table["refusal"] != "").height,
        "sweep_s": round(seconds, 1),
        "sweep_cpu_s": round(sum(memory.cpu_s.values()), 1),
        "sweep_peak_mib": round(max(memory.samples) / MIB),
        "sweep_computing_mib": round(max(computing) / MIB),
        "sweep_last_third_over_middle": round(last / middle, 3),
    }


if __name__ == "__main__":
    main()
