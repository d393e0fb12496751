"""Writers of one ledger, each a process of its own: killed anywhere, or forty of them at once.

Run as ``python -m tests.fault.kill_ledger kills FOLDER COUNT``, or with ``writers FOLDER COUNT
EACH``. Prints a JSON line of what it did. The parent opens no store, so that its children can be
forked cheaply; each child opens the ledger anew, as a command does.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from tests.fault.kill_gate import child

if TYPE_CHECKING:
    from collections.abc import Callable

FILLING = "x" * 20_000
"""So that a write takes longer than one page, and can be cut."""
LONGEST_S = 0.04
LOOKED_OVER = 25
"""After so many kills every entry is read again, from the first."""


def opened(folder: Path) -> Ledger:
    return Ledger(FolderObjects(folder))


def trial(writer: int, number: int) -> dict[str, Any]:
    return {"run_id": f"{writer}-{number}", "strategy": "a@1", "family": "f", "road": "command",
            "n": number, "by": writer, "filling": FILLING}  # fmt: skip


def numbers_of(ledger: Ledger, writer: int) -> list[int]:
    return [entry.body["n"] for entry in ledger.entries("trial") if entry.body["by"] == writer]


def write_on(folder: Path, writer: int, told: int) -> None:
    """Add entries until killed; each is told as it was confirmed."""
    ledger, number = opened(folder), 0
    while True:
        ledger.append("trial", trial(writer, number), actor="writer")
        os.write(told, b".")
        number += 1


def kill_one(folder: Path, writer: int, moment_s: float) -> int:
    """Start a writer, kill it a moment after its first entry; return how many it was told of."""
    heard, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        write_on(folder, writer, told)
    os.close(told)
    with os.fdopen(heard, "rb") as lines:
        assert lines.read(1) == b"."
        time.sleep(moment_s)
        os.kill(pid, signal.SIGKILL)
        confirmed = 1 + len(lines.read())
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), status
    return confirmed


def look(folder: Path, writer: int, confirmed: int) -> None:
    """Nothing that was confirmed is lost, nothing is half there, and the next one goes on."""
    ledger = opened(folder)
    written = numbers_of(ledger, writer)
    assert written == list(range(len(written))), written
    assert confirmed <= len(written) <= confirmed + 1, (confirmed, len(written))
    assert ledger.void() == {}
    if writer % LOOKED_OVER == 0:
        assert ledger.verify().ok


def kill_writers(folder: Path, count: int) -> dict[str, Any]:
    moments = random.Random(6)
    confirmed = 0
    for writer in range(1, count + 1):
        told = kill_one(folder, writer, moments.uniform(0.0, LONGEST_S))
        confirmed += told
        checked = child(lambda w=writer, t=told: look(folder, w, t))  # type: ignore[misc]
        assert checked == 0, f"after kill {writer}"
    return {"kills": count, "confirmed": confirmed}


def write_together(folder: Path, count: int, each: int) -> dict[str, Any]:
    """Let so many write at once, on two threads of each process; none has a key before."""
    heard, told = os.pipe()
    start, go = os.pipe()
    pids = []
    for number in range(0, count, 2):
        pid = os.fork()
        if pid == 0:
            os.close(go)
            os.read(start, 1)  # until all are there
            os._exit(_two_write(folder, number, each, told))
        pids.append(pid)
    os.close(told)
    os.close(start)
    os.close(go)
    with os.fdopen(heard, "rb") as lines:
        confirmed = [tuple(map(int, line.split())) for line in lines.read().splitlines()]
    ended = [os.waitpid(pid, 0)[1] for pid in pids]
    assert ended == [0] * len(pids), ended
    assert child(lambda: look_at_all(folder, count, each, confirmed)) == 0
    return {"writers": count, "processes": len(pids), "confirmed": len(confirmed)}


def _two_write(folder: Path, first: int, each: int, told: int) -> int:
    """Write from two threads: the first process's pair share a ledger, as a service does."""
    shared, failed = opened(folder), []

    def write(writer: int) -> None:
        ledger = shared if first % 4 == 0 else opened(folder)
        try:
            for number in range(each):
                entry = ledger.append("trial", trial(writer, number), actor="writer")
                assert entry is not None
                os.write(told, b"%d %d %d\n" % (entry.seq, writer, number))
        except BaseException as error:  # a thread tells nobody else
            failed.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=write, args=(first + n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        print(json.dumps({"failed": failed}), flush=True)
    return len(failed)


def look_at_all(folder: Path, count: int, each: int, confirmed: list[tuple[int, ...]]) -> None:
    """No number twice, the chain whole, nothing lost, and what was confirmed is what is there."""
    ledger = opened(folder)
    verdict = ledger.verify()
    assert verdict.problems == (), verdict.problems
    assert verdict.void == ()
    entries = ledger.entries()
    assert [entry.seq for entry in entries] == list(range(1, count * each + 1))
    there = sorted((entry.seq, entry.body["by"], entry.body["n"]) for entry in entries)
    assert there == sorted(confirmed)
    for writer in range(count):
        assert numbers_of(ledger, writer) == list(range(each)), writer


if __name__ == "__main__":
    SCENES: dict[str, Callable[..., dict[str, Any]]] = {
        "kills": kill_writers, "writers": write_together,
    }  # fmt: skip
    scene, place, *counts = sys.argv[1:]
    print(json.dumps(SCENES[scene](Path(place), *map(int, counts))), flush=True)
