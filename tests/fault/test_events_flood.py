"""A flood of events, while brokers restart and listeners are killed."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from configs.errors import Unreachable
from storage.events.envelope import EVENTS, make_event, to_bytes
from storage.events.nsq.address import parse_address
from storage.events.nsq.bus import NsqBus

pytestmark = [pytest.mark.server, pytest.mark.slow]

EVENTS_TOLD = 10_000
RESTARTS = 20
KILLS = 20
LISTENER = Path(__file__).with_name("flood_listener.py")


class Flood:
    """Publishes all events, some twice, in any order; remembers what was confirmed."""

    def __init__(self, url: str) -> None:
        numbers = list(range(EVENTS_TOLD))
        twice = numbers + random.Random(1).sample(numbers, EVENTS_TOLD // 10)
        random.Random(2).shuffle(twice)
        self._events = [
            make_event("custom.flood", "test", {"n": n}, event_id=f"e{n}") for n in twice
        ]
        self._bus = NsqBus(parse_address(url))
        self.confirmed: set[str] = set()
        self.done = threading.Event()

    def run(self) -> None:
        for start in range(0, len(self._events), 20):
            batch = self._events[start : start + 20]
            while True:
                try:
                    self._bus.publish(EVENTS, [to_bytes(e) for e in batch], deadline_s=5)
                    break
                except Unreachable:
                    continue  # told again until the broker says that it has them
            self.confirmed.update(event.event_id for event in batch)
            time.sleep(0.05)
        self._bus.close()
        self.done.set()


def start_listener(url: str, folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen([sys.executable, LISTENER, url, folder], env=environment)


def handled(folder: Path) -> int:
    with sqlite3.connect(folder / "memory.sqlite", timeout=30) as memory:
        return memory.execute("SELECT count(*) FROM handled").fetchone()[0]


def test_every_event_has_its_effect_exactly_once(servers, tmp_path):
    url = servers.environment["QRAFT_EVENTS"]
    flood = Flood(url)
    listener = start_listener(url, tmp_path)
    publishing = threading.Thread(target=flood.run)
    publishing.start()
    chance = random.Random(3)
    blows = ["restart"] * RESTARTS + ["kill"] * KILLS
    chance.shuffle(blows)
    try:
        for blow in blows:
            time.sleep(chance.uniform(0.2, 1.2))
            if blow == "restart":
                servers.script("down", "nsqd")
                servers.script("up", "nsqd")
            else:
                listener.send_signal(signal.SIGKILL)
                listener.wait()
                listener = start_listener(url, tmp_path)
        publishing.join(timeout=300)
        assert flood.done.is_set()
        deadline = time.monotonic() + 120
        while handled(tmp_path) < len(flood.confirmed) and time.monotonic() < deadline:
            time.sleep(0.5)
    finally:
        listener.terminate()
        assert listener.wait(timeout=30) == 0
    effects = {path.name for path in (tmp_path / "effects").iterdir()}
    assert flood.confirmed == {f"e{n}" for n in range(EVENTS_TOLD)}
    assert effects == flood.confirmed
    assert handled(tmp_path) == EVENTS_TOLD


def test_a_listener_without_a_broker_waits_and_does_not_spin(servers, tmp_path):
    url = servers.environment["QRAFT_EVENTS"]
    listener = start_listener(url, tmp_path)
    time.sleep(3)
    servers.script("down", "nsqd")
    before = cpu_s(listener.pid)
    time.sleep(5)
    spent = cpu_s(listener.pid) - before
    servers.script("up", "nsqd")
    listener.terminate()
    assert listener.wait(timeout=30) == 0
    assert spent / 5 < 0.2  # of one core


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
