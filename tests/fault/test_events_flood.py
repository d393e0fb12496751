"""A flood of events, while broker, teller, listener and workers are killed, one by one and at once.

Small in the suite; ``QRAFT_FLOOD=full`` makes it 10,000 events and 20 kills of each kind.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from storage.events.boxes import Boxes
from tests.conftest import REPOSITORY, Servers
from tests.fault.flood_processes import STUDIES

FULL = os.environ.get("QRAFT_FLOOD") == "full"
EVENTS_TOLD = 10_000 if FULL else 600
KILLS = 20 if FULL else 2
TOGETHER = 10 if FULL else 2
PAUSES_S = (0.0, 3.0)
PROGRESS_S = 300.0
HANG_S = 1_800
PROGRAM = Path(__file__).with_name("flood_processes.py")

pytestmark = [pytest.mark.slow]


class Flood:
    """The processes, and what is done to them.

    Parameters
    ----------
    servers
        With nsqd; without, teller and listener share a workspace and its spool.
    """

    def __init__(self, folder: Path, servers: Servers | None) -> None:
        self._servers = servers
        self.effects = folder / "effects"
        self.listening, self.telling = folder / "listening", folder / "telling"
        if servers is None:
            self.telling = self.listening
        for each in {self.listening, self.telling}:
            each.mkdir()
        address = {"QRAFT_EVENTS": servers.environment["QRAFT_EVENTS"]} if servers else {}
        self._environment = os.environ | {"PYTHONPATH": str(REPOSITORY)} | address
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start what does not run."""
        if self._servers:
            self._servers.script("up", "nsqd")
        for name, arguments in (
            ("teller", ["tell", self.telling, str(EVENTS_TOLD)]),
            ("listener", ["listen", self.listening, self.effects]),
        ):
            process = self._processes.get(name)
            if process is None or process.poll() is not None:
                command = [sys.executable, PROGRAM, *arguments]
                self._processes[name] = subprocess.Popen(command, env=self._environment)

    def kill(self, *names: str) -> None:
        """Kill processes as the kernel would, all of them before any can notice."""
        pids = [pid for name in names for pid in self._pids(name)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for name in names:
            if name in self._processes:
                self._processes[name].wait()

    def _pids(self, name: str) -> list[int]:
        if name == "nsqd":
            if self._servers is None:
                return []
            state = json.loads((self._servers.home / "servers.json").read_text())
            return [state["processes"]["nsqd"]["pid"]]
        if name == "workers":
            return [pid for pid in children(self._processes["listener"].pid) if is_worker(pid)]
        return [self._processes[name].pid]

    def go_on(self) -> None:
        """Wait until something was done since, so that blows meet work and not only beginnings."""
        before, deadline = self.done(), time.monotonic() + PROGRESS_S
        while before == self.done() < 2 * EVENTS_TOLD and time.monotonic() < deadline:
            time.sleep(0.1)

    def state(self):
        with Boxes(self.listening / ".qraft" / "events") as boxes:
            return boxes.inbox.state()

    def done(self) -> int:
        return sum(
            sum(1 for _ in (self.effects / study).iterdir())
            for study in STUDIES
            if (self.effects / study).is_dir()
        )

    def end(self) -> list[int]:
        for process in self._processes.values():
            process.terminate()
        return [process.wait(timeout=120) for process in self._processes.values()]


def children(pid: int) -> list[int]:
    """Return a process's children."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def is_worker(pid: int) -> bool:
    with suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


@pytest.fixture(params=["spool", pytest.param("nsq", marks=pytest.mark.server)])
def flood(request, tmp_path):
    servers = request.getfixturevalue("servers") if request.param == "nsq" else None
    flood = Flood(tmp_path, servers)
    flood.start()
    yield flood
    flood.kill("teller", "listener", "workers")


def test_every_event_has_its_effect_for_each_study_exactly_once(flood):
    chance = random.Random(3)
    kinds = ["nsqd", "teller", "listener", "workers"]
    blows = [[kind] for kind in kinds for _ in range(KILLS)]
    blows += [chance.sample(kinds, 2) for _ in range(TOGETHER)] + [kinds] * TOGETHER
    chance.shuffle(blows)
    began = time.monotonic()
    for blow in blows:
        flood.go_on()
        time.sleep(chance.uniform(*PAUSES_S))
        flood.kill(*blow)
        flood.start()
    blown_s = time.monotonic() - began
    while not (flood.done() == 2 * EVENTS_TOLD and (flood.telling / "told").exists()):
        assert time.monotonic() - began < HANG_S, (flood.done(), flood.state())
        time.sleep(0.5)
    while (state := flood.state()).waiting or state.running:  # repetitions, of what is done
        assert time.monotonic() - began < HANG_S, state
        time.sleep(0.5)
    all_s = time.monotonic() - began
    # One that was begun again a moment ago has not yet said what a SIGTERM is to do.
    assert set(flood.end()) <= {0, -signal.SIGTERM}
    told = {f"e{n}" for n in range(EVENTS_TOLD)}
    for study in STUDIES:
        assert {path.name for path in (flood.effects / study).iterdir()} == told
    with Boxes(flood.listening / ".qraft" / "events") as boxes:
        (settled,) = boxes._file.rows("SELECT count(*), sum(state = 'done') FROM work")
        assert settled == (2 * EVENTS_TOLD, 2 * EVENTS_TOLD)
        assert boxes.inbox.state().dead == {}
    repeated = flood.effects / "repeated"
    print(json.dumps({
        "events": EVENTS_TOLD, "blows": len(blows), "blown_s": round(blown_s), "s": round(all_s),
        "run_again": len(repeated.read_text().split()) if repeated.exists() else 0,
    }))  # fmt: skip


@pytest.mark.server
def test_a_listener_without_a_broker_waits_and_does_not_spin(servers, tmp_path):
    flood = Flood(tmp_path, servers)
    try:
        servers.script("down", "nsqd")
        flood._processes["listener"] = process = subprocess.Popen(
            [sys.executable, PROGRAM, "listen", flood.listening, flood.effects],
            env=flood._environment,
        )
        while flood.state().connected is None:  # it has not made a round yet
            assert process.poll() is None
            time.sleep(0.2)
        before = cpu_s(process.pid)
        time.sleep(5)
        spent = cpu_s(process.pid) - before
        assert flood.state().connected is False
        servers.script("up", "nsqd")
        assert flood.end() == [0]
        assert spent / 5 < 0.2  # of one core
    finally:
        flood.kill("listener", "workers")
        servers.script("up", "nsqd")


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
