"""Two sources under one supervisor: each a process, begun anew when it dies, ended with us."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import pytest

from agent.live.home import SourceHome, read_json
from agent.live.projection.projector import Projector
from agent.live.status import status
from agent.live.supervising import Sources
from configs.settings import Settings
from storage.open import open_warehouse
from tests.live import START_MS, document, workspace_with

pytestmark = [pytest.mark.slow]
NAMES = ("first", "second")
PATIENCE_S = 300.0


def until(holds):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def feed(root, name, numbers):
    with (root / f"{name}.jsonl").open("ab") as file:
        for n in numbers:
            trade = {"s": name, "t": n, "T": START_MS + n * 10, "p": f"{100 + n % 7}.25", "q": "1"}
            file.write(json.dumps(trade).encode() + b"\n")


@pytest.fixture
def workspace(tmp_path):
    for name in NAMES:
        made = workspace_with(tmp_path, name)
        feed(tmp_path, name, range(1_000))
        path = tmp_path / "sources" / f"{name}.yaml"
        by_file = f"connect: {{by: file, path: {name}.jsonl}}"
        path.write_text(path.read_text().replace(
            'connect: {by: websocket, url: "ws://127.0.0.1:9/feed"}', by_file))  # fmt: skip
    (tmp_path / "sources" / "broken.yaml").write_text(
        document("broken", more="bars: {every: 1d}\n")
    )
    return made


def test_sources_are_kept_running_each_by_itself(workspace):
    lines, stop = [], threading.Event()
    supervisor = Sources(workspace, say=lambda said, level="info": lines.append(said))
    thread = threading.Thread(target=supervisor.work, args=(stop,))
    thread.start()
    homes = [SourceHome(workspace, name) for name in NAMES]

    def events(home):
        return read_json(home.status("flow")).get("counts", {}).get("events", 0)

    try:
        until(lambda: all(events(home) >= 900 for home in homes))
        assert any("broken.yaml:" in line and "bars" in line for line in lines)
        first = read_json(homes[0].status("record"))["pid"]
        second = read_json(homes[1].status("record"))["pid"]
        os.kill(first, signal.SIGKILL)
        feed(workspace.root, NAMES[0], range(1_000, 1_500))
        until(lambda: read_json(homes[0].status("record"))["pid"] != first)
        assert read_json(homes[1].status("record"))["pid"] == second
        until(lambda: read_json(homes[0].status("record"))["counts"].get("raw", 0) >= 500)
        (workspace.root / "sources" / "second.yaml").unlink()
        until(lambda: status(workspace, "second")["record"] == "ended")
    finally:
        stop.set()
        thread.join()
    assert status(workspace, "first")["record"] == "ended"
    assert status(workspace, "first")["flow"] == "ended"
    projector = Projector(workspace, Settings(), say=lambda *_: None)
    while projector.round():
        pass
    with open_warehouse(Settings(), workspace) as warehouse:
        rows = warehouse.rows(
            "SELECT source, count() AS n, uniqExact(body) AS u FROM raw_events"
            " WHERE kind = 'raw' GROUP BY source ORDER BY source"
        )
    assert [(row["source"], row["n"], row["u"]) for row in rows] == [
        ("first", 1_500, 1_500), ("second", 1_000, 1_000)
    ]  # fmt: skip
