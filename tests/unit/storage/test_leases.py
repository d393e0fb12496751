"""Leases: one at a time, whoever died is followed at once, whoever lives is not robbed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.lake.objects import FolderObjects, MemoryObjects
from storage.leases import FolderLeases, ObjectLeases
from storage.leases.holder import Holder, read_holder
from storage.leases.objects import BEAT_S, LEASE_S, LONGEST_LOOK_S, LOOK_S, _Watch

ROOT = Path(__file__).parents[3]
HOLDING = """
import sys, time
from pathlib import Path
from storage.leases import FolderLeases, ObjectLeases
from storage.lake.objects import FolderObjects
kind, folder = sys.argv[1:]
path = Path(folder)
leases = FolderLeases(path) if kind == "folder" else ObjectLeases(FolderObjects(path))
with leases.hold("signal-0a1b", what="signal"):
    print("held", flush=True)
    time.sleep(600)
"""


def leases_in(kind: str, folder: Path):
    return FolderLeases(folder) if kind == "folder" else ObjectLeases(FolderObjects(folder))


@pytest.mark.parametrize("kind", ["folder", "objects"])
def test_one_holds_at_a_time_and_nothing_is_left(kind, tmp_path):
    inside, most, turns = 0, 0, []
    lock = threading.Lock()

    def work(number: int) -> None:
        nonlocal inside, most
        with leases_in(kind, tmp_path).hold("signal-0a1b", what="signal"):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.05)
            turns.append(number)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, sorted(turns)) == (1, [0, 1, 2, 3])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("kind", ["folder", "objects"])
def test_a_killed_holder_of_this_machine_is_followed_at_once(kind, tmp_path):
    command = [sys.executable, "-c", HOLDING, kind, str(tmp_path)]
    holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    said: list[str] = []
    holder.kill()  # and not waited for: a zombie is dead, too
    leases = leases_in(kind, tmp_path)
    if kind == "objects":  # no time may pass: the process table tells
        leases = ObjectLeases(FolderObjects(tmp_path), sleep=lambda _s: time.sleep(0.01), now=int)
    with leases.hold("signal-0a1b", what="signal", on_wait=said.append):
        pass
    holder.communicate()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    if kind == "objects":
        assert said[-1].endswith("stopped while it computed signal; taking over")


def elsewhere() -> Holder:
    """A process of another machine: nothing but its beat tells of it."""
    return replace(Holder.here(), kernel="another boot pid:[1]", host="other", pid=4711)


class Clock:
    """Time that passes only in sleep, and what else happens meanwhile."""

    def __init__(self, each=lambda _now: None):
        self.now, self._each = 1e6, each

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self._each(self.now)

    def __call__(self) -> float:
        return self.now


def held_elsewhere(store) -> None:
    store.put_new("leases/signal-0a1b/00000003.json", elsewhere().to_json())
    store.put("leases/signal-0a1b/00000003.beat", b"7")


def test_a_dead_machine_is_followed_after_a_lease(tmp_path):
    store, clock, said = MemoryObjects(), Clock(), []
    held_elsewhere(store)
    leases = ObjectLeases(store, now=clock, sleep=clock.sleep)
    with leases.hold("signal-0a1b", what="signal", on_wait=said.append):
        waited = clock.now - 1e6
    assert LEASE_S <= waited <= LEASE_S + 2 * LOOK_S
    assert said == [
        "process 4711 on other computes signal, waiting",
        "process 4711 on other stopped while it computed signal; taking over",
    ]


def test_a_slow_machine_that_beats_is_never_robbed():
    store, said = MemoryObjects(), []
    held_elsewhere(store)

    def each(now: float) -> None:
        passed = now - 1e6
        if passed > 3_600:
            store.delete("leases/signal-0a1b/00000003.json")  # given back after an hour
        else:
            store.put("leases/signal-0a1b/00000003.beat", str(int(passed / BEAT_S)).encode())

    clock = Clock(each)
    leases = ObjectLeases(store, now=clock, sleep=clock.sleep)
    with leases.hold("signal-0a1b", what="signal", on_wait=said.append):
        assert clock.now - 1e6 > 3_600
    assert said == ["process 4711 on other computes signal, waiting"]


@given(st.lists(st.tuples(st.floats(0, 1e5), st.booleans()), min_size=1, max_size=60))
def test_only_looks_count_and_a_beat_begins_anew(looks):
    """However long the watcher or the store was away, one look counts for little."""
    watch, now, beat, still = _Watch(), 0.0, 0, 0
    for passed, beats in looks:
        now += passed
        if beats:
            beat += 1
        still = 0 if beats else still + 1
        seen = watch.see(1, str(beat).encode(), now)
        assert seen <= still * LONGEST_LOOK_S
        if beats:
            assert seen == 0


def test_a_process_id_that_is_used_again_is_not_its_holder():
    here = Holder.here()
    assert not here.is_dead
    assert replace(here, started=here.started - 1).is_dead
    assert not elsewhere().is_dead, "of another machine's processes nothing is known"
    assert not replace(here, kernel="", started=1).is_dead


@pytest.mark.parametrize("raw", [b"", b"[", b"[]", b"{}", b'{"pid": "x"}', b"\xff"])
def test_a_holder_that_cannot_be_read_is_waited_for_by_its_beat(raw):
    assert read_holder(raw) is None
    store, clock = MemoryObjects(), Clock()
    store.put_new("leases/signal-0a1b/00000001.json", raw)
    with ObjectLeases(store, now=clock, sleep=clock.sleep).hold("signal-0a1b", what="signal"):
        assert clock.now - 1e6 >= LEASE_S
