"""Runs that are killed at random moments, in processes that are forked where all is imported.

As a program, for many kills: ``python -m tests.fault.kill_runs 100 embedded`` (or ``servers`` or
``machines``, for which the environment names the servers and ``QRAFT_KILL_CLICKHOUSE`` the port of
a warehouse).
"""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from configs.settings import Settings
from configs.workspace import open_workspace
from storage.buckets.setup import make_bucket
from storage.buckets.store import KEY, SECRET, parse_bucket
from tasks.dag.progress import Silent
from tests.hang_guard import LOOK_S, Watched, judge, processor_s
from tests.results import KEPT, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

STUDY = """
name: killed
data: {source: file, path: prices.csv}
features: {define: {momentum: "$close / Ref($close, 5) - 1"}}
signal: {expression: $momentum}
detection: [{detector: adwin, watch: $momentum}]
backtest: {topk: 1, n_drop: 1}
"""
TABLES = ("runs", "metrics", "patterns", "equity", "ic", "health", "lineage", "artifacts")
PRELOADED = [
    "luigi", "tasks.runs.run", "tasks.runs.build", "tasks.backtest.judge", "tasks.detection.task",
    "river",
    "tasks.report.page", "taskspecs.load", "storage.warehouse.clickhouse", "clickhouse_connect",
    "scipy.stats", "minio",
    "tasks.backtest.judge.exchange", "tasks.backtest.judge.calendar", "tasks.backtest.simulation",
    "numba", "pandas", "arch.bootstrap",
]  # fmt: skip

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(PRELOADED)


def make_workspace(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 4, 1), eager=True)
    pl.concat(
        pl.DataFrame(
            {
                "date": days,
                "symbol": symbol,
                "close": [10 + n * k % 7 / 10 for n in range(len(days))],
            }
        )
        for symbol, k in (("A", 3), ("B", 5))
    ).write_csv(folder / "prices.csv")
    (folder / "killed.yaml").write_text(STUDY)
    return folder


class Noting(Silent):
    """Sends what a person would be told, and when."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stage_started(self, stage: str) -> None:
        self._connection.send(("started", stage, time.monotonic()))

    def stage_done(self, stage: str, seconds: float, rows: int) -> None:
        self._connection.send(("done", stage, time.monotonic()))

    def waiting(self, what: str) -> None:
        self._connection.send(("waiting", what, time.monotonic()))


def secrets() -> dict[str, str]:
    """Return what opens the servers: a fork server has the environment of when it started."""
    return {name: os.environ[name] for name in (KEY, SECRET) if name in os.environ}


def work(
    connection: Connection, folder: str, settings: dict[str, str], known: dict[str, str],
    machine: str,
) -> None:  # fmt: skip
    """Run the study, in a process of its own; tell how it ended."""
    os.environ.update(known)
    from configs.errors import QraftError
    from storage.leases import holder
    from tasks.runs.run import run
    from taskspecs.load import load

    if machine:  # as if it were another one: its processes cannot be looked up from here
        holder._kernel = lambda: machine
    workspace = open_workspace(folder)
    spec, _ = load(Path(folder) / "killed.yaml", workspace.root)
    try:
        outcome = run(spec, workspace, Settings(**settings), reporter=Noting(connection))
    except QraftError as error:
        connection.send(("failed", str(error), time.monotonic()))
    else:
        connection.send(("succeeded", list(outcome.computed), time.monotonic()))


@dataclass
class Running:
    """A run in a process."""

    process: Any
    connection: Connection
    told: list[tuple[str, Any, float]] = field(default_factory=list)
    killed: bool = False

    def kill_after(self, seconds: float) -> bool:
        """Kill it unless it ended before; whether it was killed before it told of an end."""
        self.process.join(seconds)
        os.kill(self.process.pid, signal.SIGKILL) if self.process.is_alive() else None
        self.process.join()
        self._read()
        return not any(kind in {"succeeded", "failed"} for kind, *_ in self.told)

    @property
    def computes(self) -> bool:
        """Whether it is within a stage, and so holds its lease."""
        self._read()
        stages = [kind for kind, *_ in self.told if kind in {"started", "done"}]
        return self.process.is_alive() and stages[-1:] == ["started"]

    def end(self) -> tuple[str, Any, float]:
        """Wait for its end, as long as it makes progress; return what it told last."""
        watched = Watched("a run")
        while self.process.is_alive():
            self.process.join(LOOK_S)
            self._read()
            why = judge(watched, processor_s(), time.monotonic())
            assert not why, f"{why}; told {self.told}"
        self._read()
        return self.told[-1]

    def _read(self) -> None:
        try:
            while self.connection.poll():
                self.told.append(self.connection.recv())
        except (EOFError, OSError):
            return


def start(folder: Path, settings: dict[str, str], machine: str = "") -> Running:
    ours, theirs = forks.Pipe()
    process = forks.Process(target=work, args=(theirs, str(folder), settings, secrets(), machine))
    process.start()
    theirs.close()
    return Running(process, ours)


def left(folder: Path, settings: dict[str, str]) -> dict[str, Any]:
    """Return what a run left: the digests of all that manifests name, read again; and rows."""
    with forks.Pool(1) as pool:  # a process that opened chDB forks no more
        return pool.apply(_left, (str(folder), settings, secrets()))


def _left(folder: str, settings: dict[str, str], known: dict[str, str]) -> dict[str, Any]:
    import hashlib

    from storage.lake.manifest import read_manifest
    from storage.open import open_lake, open_ledger, open_warehouse

    os.environ.update(known)
    workspace, chosen = open_workspace(folder), Settings(**settings)
    store = open_lake(chosen, workspace).store
    found = {}
    for info in store.list():
        if info.path.startswith(KEPT) or info.path.endswith("/manifest.json"):
            raw = store.get(info.path)
            found[info.path] = digest(info.path, raw)
        if info.path.endswith("/manifest.json") and not info.path.startswith(KEPT):
            for file in read_manifest(raw, info.path).files:
                found[file.path] = digest(file.path, store.get(file.path))
    for path in (workspace.root / ".qraft/lake/leases").glob(
        "*"
    ):  # one killed at the very end leaves its file
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert open_ledger(chosen, workspace).verify().ok
    with open_warehouse(chosen, workspace) as warehouse:
        rows = {
            table: warehouse.rows(f"SELECT count() AS n FROM {table}")[0]["n"] for table in TABLES
        }
    (page,) = workspace.reports.glob("*.html")
    return {"results": found, "rows": rows, "page": hashlib.sha256(page.read_bytes()).hexdigest()}


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Name what differs between what two runs left."""
    pairs = [(found, expected), *((found[part], expected[part]) for part in ("results", "rows"))]
    return [
        f"{name}: {one.get(name)} instead of {other.get(name)}"
        for one, other in pairs
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name) and not isinstance(other.get(name), dict)
    ]


Place = tuple[Path, dict[str, str]]


def embedded_places(base: Path) -> Callable[[], Place]:
    """Give a new workspace for each trial, with all stores in it."""

    def place() -> Place:
        folder = base / uuid.uuid4().hex[:8]
        return make_workspace(folder), {"scheduler": "local"}

    return place


def served_places(base: Path, *, minio: int, luigid: str, clickhouse: int) -> Callable[[], Place]:
    """Give a new workspace for each trial, and folders and tables of its own on servers."""
    bucket = f"kills-{uuid.uuid4().hex[:8]}"
    endpoint = f"?endpoint=http://127.0.0.1:{minio}"
    make_bucket(parse_bucket(f"s3://{bucket}{endpoint}"))

    def place() -> Place:
        name = uuid.uuid4().hex[:8]
        return make_workspace(base / name), {
            "lake": f"s3://{bucket}/{name}{endpoint}",
            "warehouse": f"clickhouse://127.0.0.1:{clickhouse}/kills_{name}",
            "scheduler": luigid,
        }

    return place


def undisturbed(place: Place) -> tuple[dict[str, Any], float]:
    """Run once without a kill; return what is left, and how long a run takes."""
    first = start(*place).end()  # it imports, and compiles
    assert first[0] == "succeeded", first
    shutil.rmtree(place[0] / ".qraft")
    settings = {**place[1]}
    if "warehouse" in settings:
        settings["lake"] = settings["lake"].replace("?", "/again?")
        settings["warehouse"] += "_again"
    began = time.monotonic()
    ended = start(place[0], settings).end()
    assert ended[0] == "succeeded", ended
    return left(place[0], settings), ended[2] - began


def kill_runs(
    kills: int, places: Callable[[], Place], *, seed: int, say: Callable[[str], None] = print
) -> list[float]:
    """Kill so many runs, each followed at once by the same command; return how long those took."""
    expected, takes_s = undisturbed(places())
    moments, followed = random.Random(seed), []
    killed = 0
    while killed < kills:
        folder, settings = places()
        for _ in range(moments.choice((1, 1, 1, 2, 3))):
            if not (running := start(folder, settings)).kill_after(moments.uniform(0, takes_s)):
                assert running.told[-1][0] == "succeeded", running.told
                break
            killed += 1
        began = time.monotonic()
        ended = start(folder, settings).end()
        followed.append(ended[2] - began)
        assert ended[0] == "succeeded", ended
        assert not (found := differences(left(folder, settings), expected)), found
        shutil.rmtree(folder)
        say(f"{killed} of {kills} killed; the next command took {followed[-1]:.1f} s")
    return followed


def kill_machines(
    kills: int, places: Callable[[], Place], *, seed: int, say: Callable[[str], None] = print
) -> list[float]:
    """Let two machines run one study, kill the one that computes; return how long until taken over.

    A kill counts where the other one was seen to take a stage over.
    """
    expected, takes_s = undisturbed(places())
    moments, taken = random.Random(seed), []
    for _ in range(5 * kills):
        folder, settings = places()
        other = make_workspace(folder.with_name(f"{folder.name}-other"))
        both = [start(folder, settings, "first"), start(other, settings, "second")]
        at = _kill_who_computes(both, time.monotonic() + moments.uniform(0, 1.2 * takes_s))
        for running, place in zip(both, (folder, other), strict=True):
            if not running.killed:
                ended = running.end()
                assert ended[0] == "succeeded", (ended, running.told)
                assert not (found := differences(left(place, settings), expected)), found
            shutil.rmtree(place)
        told = (event for running in both if not running.killed for event in running.told)
        took = [t - at for kind, what, t in told if kind == "waiting" and "taking over" in what]
        if took:
            taken.append(took[0])
            say(f"{len(taken)} of {kills}; taken over after {took[0]:.1f} s")
        if len(taken) == kills:
            return taken
    raise AssertionError(f"of {5 * kills} kills, {len(taken)} were followed by a takeover")


def _kill_who_computes(both: list[Running], not_before: float) -> float:
    """Kill, at a time or soon after, the one that holds a lease; return when."""
    while any(running.process.is_alive() for running in both):
        holding = [running for running in both if running.computes]
        if holding and time.monotonic() >= not_before:
            holding[0].kill_after(0)
            holding[0].killed = True
            return time.monotonic()
        time.sleep(0.01)
    return time.monotonic()


def restart_store(
    outages_s: Sequence[float], places: Callable[[], Place], *,
    pid: Callable[[], int], bring_back: Callable[[], object], seed: int,
) -> None:  # fmt: skip
    """Kill the store in the middle of runs, each time for so long; every run goes on to its end."""
    expected, takes_s = undisturbed(places())
    moments = random.Random(seed)
    waiting = list(outages_s)
    while waiting:
        folder, settings = places()
        running = start(folder, settings)
        running.process.join(moments.uniform(0.1, 0.8) * takes_s)
        outage_s = 0.0
        if running.process.is_alive():
            outage_s = waiting.pop()
            os.kill(pid(), signal.SIGKILL)
            running.process.join(outage_s)
            bring_back()
        ended = running.end()
        assert ended[0] == "succeeded", (outage_s, running.told)
        assert not (found := differences(left(folder, settings), expected)), found
        shutil.rmtree(folder)


def main(kills: int, kind: str) -> None:
    with tempfile.TemporaryDirectory(prefix="qraft-kills-") as base:
        if kind == "embedded":
            places, trial = embedded_places(Path(base)), kill_runs
        else:
            minio = int(os.environ["QRAFT_LAKE"].rpartition(":")[2])
            places = served_places(
                Path(base), minio=minio, luigid=os.environ["QRAFT_SCHEDULER"],
                clickhouse=int(os.environ["QRAFT_KILL_CLICKHOUSE"]),
            )  # fmt: skip
            trial = kill_runs if kind == "servers" else kill_machines
        took = trial(kills, places, seed=20)
    took.sort()
    print(json.dumps({"kind": kind, "kills": kills, "followed": len(took),
                      "median_s": round(took[len(took) // 2], 2) if took else None,
                      "longest_s": round(took[-1], 2) if took else None}))  # fmt: skip


if __name__ == "__main__":
    from tests.fault import kill_runs as module

    module.main(int(sys.argv[1]), sys.argv[2])
