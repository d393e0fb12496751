"""Live sources whose processes are killed again and again, while their file grows."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from agent.live.flow.commits import commits
from agent.live.flow.making import shipped
from agent.live.flow.replaying import compare
from agent.live.home import SourceHome
from agent.live.projection.projector import Projector
from configs.children import child_environment
from configs.settings import Settings
from storage.journal.reader import Reader
from storage.journal.record import BEGINNING, Kind
from storage.open import open_warehouse
from tests.live import body, workspace_with

REPOSITORY = Path(__file__).parents[2]
CONNECT = 'connect: {by: file, path: feed, pattern: "*.jsonl"}'
SOCKET = 'connect: {by: websocket, url: "ws://127.0.0.1:9/feed"}'
DETECTION = """\
detection:
  - {on: events, least_confidence: 0.5, detector: {detector: gaussian_scorer, watch: $price}}
"""
PER_S = 400


class Feed:
    """A file that grows in a thread until it is told to stop."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._grow, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _grow(self) -> None:
        with self._path.open("ab", buffering=0) as file:
            while not self._stop.wait(0.02):
                more = range(self.count, self.count + PER_S // 50)
                file.write(b"".join(body(n, step_ms=1) + b"\n" for n in more))
                self.count = more.stop


def kill_streams(root: Path, kills: int, *, seed: int, projector: bool) -> None:
    """Kill the processes of a source so often; check that all is there once, and the same."""
    home = _prepare(root)
    chance = random.Random(seed)
    feed = Feed(root / "feed" / "one.jsonl")
    try:
        for _ in range(kills):
            parts = [_start(home, "source")]
            if projector:
                parts.append(_start(home, "projector"))
            _wait_for_more(home)
            time.sleep(chance.random() * 1.5)
            _kill(parts, chance)
    finally:
        feed.end()
    _finish(home, feed.count)
    check(home, feed.count)


def check(home: SourceHome, count: int) -> None:
    """Compare journal, outputs and warehouse with what was sent."""
    sent = [body(n, step_ms=1) for n in range(count)]
    records = _records(home)
    assert [record.body for record in records if record.kind is Kind.RAW] == sent
    equality = compare(home, shipped())
    assert equality.holds, list(equality.differing())
    assert equality.rows["events"] == (count, count)
    with open_warehouse(Settings(), home.workspace) as warehouse:
        [raw] = warehouse.rows(
            "SELECT count() AS n, uniqExact(segment, offset) AS u FROM raw_events"
        )
        assert (raw["n"], raw["u"]) == (len(records), len(records))
        [clean] = warehouse.rows(
            "SELECT count() AS n, uniqExact(symbol, sequence) AS u FROM clean_events"
        )
        assert (clean["n"], clean["u"]) == (count, count)


def _prepare(root: Path) -> SourceHome:
    home = SourceHome(workspace_with(root, more=DETECTION), "trades")
    document = root / "sources" / "trades.yaml"
    document.write_text(document.read_text().replace(SOCKET, CONNECT))
    (root / "feed").mkdir()
    (root / "feed" / "one.jsonl").touch()
    return home


def _start(home: SourceHome, part: str) -> subprocess.Popen[bytes]:
    root = str(home.workspace.root)
    command = [sys.executable, "-m", "agent.live.processes", part, root, "trades"]
    return subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=child_environment(),
    )  # fmt: skip


def _wait_for_more(home: SourceHome) -> None:
    """Wait until a restarted flow has committed something."""
    before = _committed(home)
    while _committed(home) == before:
        time.sleep(0.05)


def _committed(home: SourceHome) -> object:
    return home.outputs.mark.read_bytes() if home.outputs.mark.exists() else b""


def _kill(parts: list[subprocess.Popen[bytes]], chance: random.Random) -> None:
    """Kill everything at once, or one process a little before the others."""
    everyone = [p for part in parts for p in (psutil.Process(part.pid),
                *psutil.Process(part.pid).children(recursive=True))]  # fmt: skip
    chance.shuffle(everyone)
    for process in everyone:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
        time.sleep(chance.choice([0.0, 0.0, 0.1]))
    for part in parts:
        part.wait()
        part.stdin.close()
    psutil.wait_procs(everyone, timeout=60)


def _finish(home: SourceHome, count: int) -> None:
    """Let all go through, end as told, and load."""
    source = _start(home, "source")
    rows = 0
    while rows < count:
        time.sleep(0.2)
        rows = sum(
            commit.tables["events"].height
            for _, commit in commits(home.outputs, BEGINNING, only=("events",))
            if "events" in commit.tables
        )
    source.terminate()
    assert source.wait() == 0, json.dumps({"rows": rows})
    source.stdin.close()
    loader = Projector(home.workspace, Settings(), say=lambda *_: None)
    while loader.round():
        pass


def _records(home: SourceHome) -> list:
    reader, found = Reader(home.journal), []
    while records := reader.read():
        found += records
    reader.close()
    return found
