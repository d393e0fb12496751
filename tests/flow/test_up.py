"""`qraft up` goes on: parts that fail are begun anew, what changes is seen, and it all shows."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from agent.road.supervision.announcing import find_running
from configs.workspace import Workspace
from tests.flow.test_events import STUDY, until, workspace

__all__ = ["workspace"]

pytestmark = [pytest.mark.slow]
PATIENCE_S = 600.0


def ask(url: str, page: str):
    try:
        with urllib.request.urlopen(f"{url}{page}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def children(pid: int) -> dict[int, tuple[str, str]]:
    """Return the state and the command of each child of a process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            command = (path.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found[int(path.parent.name)] = fields[0], command
    return found


class Service:
    """A `qraft up` that runs, and what it has said so far."""

    def __init__(self, shell, log: Path) -> None:
        self.log = log
        with log.open("w") as file:
            self.process = shell.start("up", "--port", "18282", stderr=file)
        folder = Workspace(shell.workspace.resolve())
        until(lambda: find_running(folder) or self.process.poll() is not None, PATIENCE_S)
        self.url = find_running(folder).url

    def said(self, text: str) -> int:
        return self.log.read_text().count(text)

    def scheduler(self) -> int | None:
        found = children(self.process.pid)
        return next((pid for pid, (_, c) in found.items() if "scheduler.server" in c), None)


@pytest.fixture
def service(workspace, tmp_path):
    service = Service(workspace, tmp_path / "log")
    yield service
    if service.process.poll() is None:
        service.process.kill()
    service.process.communicate()


def test_what_fails_is_begun_anew_and_what_changes_is_seen(workspace, service):
    healthy = lambda: ask(service.url, "/healthz")[0] == 200  # noqa: E731
    ready = lambda: ask(service.url, "/readyz")[0] == 200  # noqa: E731
    until(lambda: ready() and service.said("runs of"), PATIENCE_S)

    # Its scheduler is killed: it comes again, and leaves no zombie.
    first = service.scheduler()
    os.kill(first, signal.SIGKILL)
    until(lambda: service.scheduler() not in {None, first}, PATIENCE_S)
    until(lambda: healthy() and service.said("runs of") == 2, PATIENCE_S)
    assert "Z" not in {state for state, _ in children(service.process.pid).values()}
    assert service.said("scheduler failed: the scheduler ended by itself") == 1

    # It is stopped: that is unhealthy, and mended by itself.
    stopped = service.scheduler()
    os.kill(stopped, signal.SIGSTOP)
    until(lambda: ask(service.url, "/healthz")[0] == 503, PATIENCE_S)
    until(lambda: service.scheduler() not in {None, stopped}, PATIENCE_S)
    until(lambda: healthy() and service.said("runs of") >= 2, PATIENCE_S)

    # A study is added, spoilt, mended and taken away; its book is torn meanwhile.
    folder = workspace.workspace / "studies"
    clocked = folder / "clocked.yaml"
    text = STUDY.format(name="clocked", on="custom.never")
    book = workspace.workspace / ".qraft" / "clock" / "clocked.json"
    book.parent.mkdir(parents=True, exist_ok=True)
    book.write_text("")
    clocked.write_text(text + 'schedule: {cron: "0 0 1 1 *", catch_up: none}\n')
    until(lambda: service.said("clocked is new"), PATIENCE_S)
    until(lambda: service.said("is kept as clocked.json.damaged-"), PATIENCE_S)
    clocked.write_text(text + 'schedule: {cron: "0 0 1 13 *"}\n')
    until(lambda: service.said("clocked.yaml is passed over; it goes on as it was"), PATIENCE_S)
    time.sleep(3)
    assert service.said("clocked.yaml is passed over") == 1
    assert "clocked.yaml:" in service.log.read_text()
    clocked.unlink()
    until(lambda: service.said("clocked is gone"), PATIENCE_S)

    # An event still runs a study, and all of it is in the figures.
    workspace.run("events", "publish", "custom.go")
    until(lambda: service.said("first: run"), PATIENCE_S)
    figures = ask(service.url, "/metrics")[1]
    assert 'qraft_part_restarts_total{part="scheduler"} 2.0' in figures
    assert 'qraft_part_alive{part="clock"} 1.0' in figures
    assert 'qraft_store_reachable{store="lake"} 1.0' in figures
    found = {row["what"]: row for row in json.loads(workspace.run("doctor", "--json").stdout)}
    assert "2 restarts of parts" in found["service"]["found"]

    # Every line says when, and how bad.
    lines = [line for line in service.log.read_text().splitlines() if not line.startswith(" ")]
    assert all(
        line[10] == "T" and line.split()[1] in {"info", "error", "warning"} for line in lines
    )

    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(PATIENCE_S) == 0
    assert not (workspace.workspace / ".qraft" / "up.json").exists()


def test_a_service_that_is_stopped_is_told_by_the_doctor(workspace, service):
    os.kill(service.process.pid, signal.SIGSTOP)
    try:
        done = workspace.run("doctor", "--json", exit_code=1)
    finally:
        os.kill(service.process.pid, signal.SIGCONT)
    found = {row["what"]: row for row in json.loads(done.stdout)}
    assert "does not answer" in found["service"]["found"]


def test_no_time_is_lost_for_want_of_secrets(workspace):
    """As under cron, whose environment is empty."""
    clocked = workspace.workspace / "clocked.yaml"
    text = STUDY.format(name="clocked", on="custom.never")
    clocked.write_text(text + 'schedule: {cron: "0 0 1 1 *"}\n')
    (workspace.workspace / "qraft.yaml").write_text(
        "lake: s3://bucket/lake?endpoint=http://127.0.0.1:9\n"
    )
    said = workspace.run("schedule", "run", str(clocked), "--once", exit_code=2).stderr
    assert "is not set" in said
    (row,) = workspace.json("schedule", "list", str(clocked))
    assert (row["due"], row["attempts"]) == (1, 1)
    (workspace.workspace / "qraft.yaml").unlink()
    assert "1 run was due" in workspace.run("schedule", "run", str(clocked), "--once").stderr
    (row,) = workspace.json("schedule", "list", str(clocked))
    assert (row["due"], row["missed"]) == (0, 0)
