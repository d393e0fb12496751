"""`qraft ui`: a scheduler that shows what the workspace holds, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from contextlib import contextmanager
from urllib.request import ProxyHandler, build_opener

import pytest

from configs.settings import Settings
from configs.workspace import Workspace
from tasks.scheduler.choice import answers, find_running, scheduler_url

PATIENCE_S = 60


def until(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    pytest.fail(f"waited {PATIENCE_S} s for {what}")


@contextmanager
def showing(shell, port):
    """Run `qraft ui` until the end of the block, then kill it if it still runs."""
    process = shell.start("ui", "--no-open-browser", "--port", str(port))
    try:
        url = process.stdout.readline().strip()
        assert url, process.stderr.read()
        yield process, url
    finally:
        process.kill()
        process.communicate()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(url, method, **data):
    query = json.dumps(data).replace(" ", "").replace('"', "%22")
    with build_opener(ProxyHandler({})).open(f"{url}/api/{method}?data={query}") as response:
        return json.load(response)["response"]


def test_runs_are_there_as_done_tasks_with_what_they_needed(demo_shell):
    with showing(demo_shell, free_port()) as (process, url):
        tasks = ask(url, "task_list")
        names = {task["name"]: task_id for task_id, task in tasks.items()}
        assert set(names) == {
            "Ingest", "Features", "Aggregation", "Signal", "Detection", "Backtest", "Report",
            "Record",
        }  # fmt: skip
        assert {task["status"] for task in tasks.values()} == {"DONE"}
        record = tasks[names["Record"]]
        assert record["params"].keys() == {"study", "run_id", "attempt"}
        assert "us_momentum" in record["display_name"]
        graph = ask(url, "dep_graph", task_id=names["Record"])
        needed = {graph[k]["name"]: {graph[d]["name"] for d in graph[k]["deps"]} for k in graph}
        assert needed["Report"] == set(names) - {"Report", "Record"}
        assert needed["Record"] == {"Report"}
        assert needed["Ingest"] == set()

        workspace = Workspace(demo_shell.workspace.resolve())
        assert scheduler_url(Settings(), workspace) == url
        assert scheduler_url(Settings(scheduler="local"), workspace) is None
        assert find_running(workspace).pid == process.pid

        again = demo_shell.run("ui", "--no-open-browser")
        assert again.stdout.strip() == url
        assert f"process {process.pid}" in again.stderr

        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
        assert not answers(url)
        assert not (workspace.home / "ui.json").exists()


def test_a_run_is_shown_in_it_and_sigterm_ends_it(shell):
    spec = shell.workspace / "tiny.yaml"
    spec.write_text("name: tiny\nsignal: {expression: $close}\nbacktest: {topk: 1}\n")
    with showing(shell, free_port()) as (process, url):
        assert ask(url, "task_list") == {}
        shell.run("run", str(spec))
        tasks = ask(url, "task_list")
        assert {task["status"] for task in tasks.values()} == {"DONE"}
        assert len(tasks) == 8
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert not answers(url)


def test_a_taken_port_is_passed_over_and_said(shell):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with showing(shell, taken) as (process, url):
            assert not url.endswith(f":{taken}")
            process.send_signal(signal.SIGINT)
            _, talk = process.communicate(timeout=PATIENCE_S)
            assert f"port {taken} is taken" in talk


def test_a_killed_ui_takes_its_scheduler_along_and_its_trace_is_known_as_stale(shell):
    workspace = Workspace(shell.workspace.resolve())
    with showing(shell, free_port()) as (process, url):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_S)
        until(lambda: not answers(url), "the scheduler to end")
    assert (workspace.home / "ui.json").exists()
    assert find_running(workspace) is None
    assert scheduler_url(Settings(), workspace) is None
