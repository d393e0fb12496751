"""Live sources: how fast a flow is, that it is the same bytes, and compiled trees beside River's.

Measured in CPU time of this process, so that other work on the machine counts little.
Usage: scripts/bench/streams.py [--events N] [--cuts N] [--values N] [--seeds N]
       [--parts replay same_bytes trees steps state] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from river.anomaly import HalfSpaceTrees

from storage.journal.record import Kind, Record
from tasks.detection.anomaly.forest import draw
from tasks.detection.anomaly.forest_kernel import learn_bar, score_bar
from tasks.detection.execution.state import freeze
from tasks.detection.registry import build_detector
from tasks.features.kernels.compiling import compiled
from tasks.streams.decoding import make
from tasks.streams.flow import Flow
from tasks.streams.outputs import put_together
from tasks.streams.watching.watcher import Watcher
from tasks.streams.windows.frames import digest
from taskspecs.detectors import Adwin, HalfSpaceTreesDetector
from taskspecs.sources.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.streams.outputs import Outputs

SYMBOLS = 50
PER_SECOND = 10_000
BEGIN_MS = 1_767_603_600_000
PUSH = 5_000
PARTS = ("replay", "same_bytes", "trees", "steps", "state")
FRAMES = ("bars", "features", "scores", "patterns")
ADWIN = Adwin(detector="adwin", watch="$return")
TREES = HalfSpaceTreesDetector(detector="half_space_trees", watch="$return")
SPEC = SourceSpec.model_validate(
    {
        "name": "bench",
        "connect": {"by": "websocket", "url": "ws://127.0.0.1:1/"},
        "decode": {"format": "binance_trades"},
        "order": {"step": 1},
        "operators": [{"validate": {"price": {"above": 0}}}],
        "bars": {"every": "10s"},
        "features": {"r": "$close / Ref($close, 1) - 1", "busy": "$volume / Mean($volume, 3)"},
        "detection": [
            {"on": "events", "detector": ADWIN.model_dump()},
            {"on": "events", "detector": TREES.model_dump()},
            {"on": "bars", "detector": {"detector": "page_hinkley", "watch": "$r",
                                        "scope": "cross_section"}},
        ],
    }
)  # fmt: skip


def main() -> None:
    asked = parser().parse_args()
    if asked.digests:
        print(json.dumps(digests_of(asked.events, asked.cuts)))
        return
    parts: dict[str, Callable[[], Any]] = {
        "replay": lambda: measure_replay(asked.events),
        "same_bytes": lambda: measure_bytes(asked.events, asked.cuts),
        "trees": lambda: [
            measure_trees(asked.values, seed, fields)
            for seed in range(asked.seeds)
            for fields in (1, 2, 3)
        ],
        "steps": lambda: measure_steps(asked.values),
        "state": measure_state,
    }
    result = {name: measure() for name, measure in parts.items() if name in asked.parts}
    print(json.dumps(result, indent=None if asked.json else 2))


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--events", type=int, default=600_000)
    made.add_argument("--cuts", type=int, default=20, help="random places at which to cut")
    made.add_argument("--values", type=int, default=100_000, help="that trees are compared over")
    made.add_argument("--seeds", type=int, default=5)
    made.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    made.add_argument("--json", action="store_true")
    made.add_argument("--digests", action="store_true", help=argparse.SUPPRESS)
    return made


def records(count: int) -> list[Record]:
    """Trades of fifty symbols, ten thousand a second, with a few jumps."""
    rng = np.random.default_rng(0)
    moves = rng.standard_t(4, size=count) * 0.002
    moves[rng.integers(count // 2, count, 20)] += 1.0
    prices, made = np.full(SYMBOLS, 100.0), []
    for place, move in enumerate(moves.tolist()):
        which, ms = place % SYMBOLS, BEGIN_MS + place * 1_000 // PER_SECOND
        prices[which] = max(1.0, prices[which] + move)
        body = (
            f'{{"e":"trade","E":{ms},"s":"SYM{which:02d}USDT","t":{place // SYMBOLS + 1},'
            f'"p":"{prices[which]:.4f}","q":"0.50000","T":{ms},"m":true,"M":true}}'
        )
        made.append(Record(1_000 * ms + 20_000, Kind.RAW, body.encode()))
    return made


def replay(made: Sequence[Record], edges: Sequence[int]) -> Outputs:
    flow = Flow(SPEC, make(SPEC))
    return put_together([flow.push(made[a:b]) for a, b in pairwise(edges)])


def measure_replay(count: int) -> dict[str, Any]:
    made = records(count)
    replay(made, range(0, count // 3, PUSH))  # imports and compiles
    begun = time.process_time()
    out = replay(made, [*range(0, count, PUSH), count])
    took = time.process_time() - begun
    return {
        "events": count, "symbols": SYMBOLS, "cpu_s": took, "events_per_cpu_s": count / took,
        "us_an_event": 1e6 * took / count, "scores": out.scores.height, "bars": out.bars.height,
        "patterns": out.patterns.height, "clean": len(out.events),
    }  # fmt: skip


def measure_bytes(count: int, cuts: int) -> dict[str, Any]:
    """Compare one push with random cuts, on one and on two threads of Polars."""
    found = {}
    for threads in ("1", "2"):
        done = subprocess.run(
            [sys.executable, __file__, "--digests", "--events", str(count), "--cuts", str(cuts)],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        found[threads] = json.loads(done.stdout)
    every = [one for both in found.values() for one in both.values()]
    return {
        "events": count,
        "cuts": cuts,
        "equal": all(one == every[0] for one in every),
        **every[0],
    }


def digests_of(count: int, cuts: int) -> dict[str, dict[str, str]]:
    made = records(count)
    places = sorted(np.random.default_rng(1).integers(0, count, cuts).tolist())
    pushes = {"whole": [0, count], "cut": [0, *places, count]}
    return {
        name: {frame: digest(getattr(out, frame)) for frame in FRAMES}
        for name, edges in pushes.items()
        for out in [replay(made, edges)]
    }


@compiled
def score_and_learn(field, split, masses, bars, told, window, begun):  # noqa: PLR0917
    """River's loop: score each bar, then learn it."""
    for row in range(bars.shape[0]):
        told[row] = score_bar(field, split, masses[0], bars[row], window) if begun else 0.0
        learn_bar(field, split, masses[1], bars[row])


def measure_trees(count: int, seed: int, fields: int) -> dict[str, Any]:
    """Compare the trees alone: scores, and CPU time of scoring and learning."""
    names = tuple(f"f{place}" for place in range(fields))
    rows = np.random.default_rng(seed).uniform(size=(count, fields))
    river: Any = HalfSpaceTrees(n_trees=25, height=8, window_size=250, seed=seed)
    bars = [dict(zip(names, row, strict=True)) for row in rows.tolist()]
    theirs = np.empty(count)
    begun = time.process_time()
    for place, bar in enumerate(bars):
        theirs[place] = river.score_one(bar)
        river.learn_one(bar)
    river_us = 1e6 * (time.process_time() - begun) / count
    field, split = draw(25, 8, seed, names)
    walk(field, split, rows[:600], 250)
    ours, ours_us = timed(field, split, rows, 250)
    _, tens_us = timed(field, split, rows, 10)
    return {
        "values": count, "seed": seed, "fields": fields, "river_us": river_us,
        "compiled_us": ours_us, "blocks_of_10_us": tens_us,
        "times": river_us / ours_us, "equal": bool(np.array_equal(theirs, ours)),
    }  # fmt: skip


def timed(field: Any, split: Any, rows: Any, block: int) -> tuple[Any, float]:
    begun = time.process_time()
    told = walk(field, split, rows, block)
    return told, 1e6 * (time.process_time() - begun) / len(rows)


def walk(field: Any, split: Any, rows: Any, block: int) -> Any:
    masses, told = np.zeros((2, *field.shape), np.uint16), np.empty(len(rows))
    for start in range(0, len(rows), block):
        part = slice(start, start + block)
        score_and_learn(field, split, masses, rows[part], told[part], 250, start >= 250)
        if (start + block) % 250 == 0:
            masses[0], masses[1] = masses[1], 0
    return told


def measure_steps(count: int) -> dict[str, Any]:
    """Return what single values cost whole detectors, and that they are as many at a go."""
    values = np.random.default_rng(3).normal(size=count)
    found: dict[str, Any] = {}
    for spec in (ADWIN, TREES):
        many, one = build_detector(spec), build_detector(spec)
        expected, alarms = many.run(values[:, None])
        rows, scores, spoken = [(value,) for value in values.tolist()], [], []
        begun = time.process_time()
        for row in rows:
            spoken.append(one.step(row))
            scores.append(one.score)
        took = time.process_time() - begun
        told = [(row, alarm) for row, alarm in enumerate(spoken) if alarm]
        same = np.array_equal(np.array(scores, dtype=float), expected, equal_nan=True)
        tens = build_detector(spec)
        begun = time.process_time()
        for start in range(0, count, 10):
            tens.run(values[start : start + 10, None])
        blocks = time.process_time() - begun
        found[spec.detector] = {
            "step_us": 1e6 * took / count, "blocks_of_10_us": 1e6 * blocks / count,
            "equal": bool(same and told == alarms),
        }  # fmt: skip
    return found


def measure_state() -> dict[str, Any]:
    """Return the packed state of a watcher on the way through a million values."""
    rng = np.random.default_rng(4)
    found = {}
    for spec in (ADWIN, TREES):
        watcher, sizes = Watcher(spec), []
        for turn in range(10):
            times = turn * 10**10 + np.arange(100_000) * 100_000 + rng.integers(0, 99_000, 100_000)
            rows = [(value,) for value in rng.normal(size=100_000).tolist()]
            watcher.run(rows, times.tolist())
            sizes.append(len(freeze(watcher.freeze())))
        found[spec.detector] = sizes
    return found


if __name__ == "__main__":
    main()
