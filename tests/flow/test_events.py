"""The road of events: told, a study runs, and what it finds wakes another."""

from __future__ import annotations

import re
import time
import urllib.request

import polars as pl
import pytest

from agent.road.runner.telling import tell_owed
from configs.workspace import Workspace
from storage.events.boxes import Boxes
from storage.events.outbox import Owed
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger

STUDY = """
name: {name}
data: {{source: file, path: prices.csv}}
signal: {{expression: "$close / Ref($close, 5) - 1"}}
backtest: {{topk: 1, n_drop: 1}}
triggers: [{{on: {on}}}]
"""


@pytest.fixture
def workspace(shell):
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
    ).write_csv(shell.workspace / "prices.csv")
    folder = shell.workspace / "studies"
    folder.mkdir()
    (folder / "first.yaml").write_text(STUDY.format(name="first", on="custom.go"))
    (folder / "second.yaml").write_text(STUDY.format(name="second", on="partition_created"))
    (folder / "broken.yaml").write_text("name: [")
    return shell


def until(condition, timeout_s=600.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_one_event_runs_one_study_and_that_wakes_another(workspace):
    process = workspace.start("up", "--port", "18082", "--metrics-port", "18083")
    try:
        payload = '{"reason": "test"}'
        event = workspace.json("events", "publish", "custom.go", "--payload", payload)
        reports = workspace.workspace / ".qraft" / "reports"
        telemetry = workspace.workspace / ".qraft" / "telemetry.jsonl"
        until(lambda: telemetry.exists() and telemetry.read_text().count('"event": "run"') >= 2)
        with urllib.request.urlopen("http://127.0.0.1:18083/metrics") as answer:
            metrics = answer.read().decode()
    finally:
        process.terminate()
        _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert {row["name"] for row in workspace.json("runs", "list")} == {"first", "second"}
    assert 'qraft_runs_total{outcome="done",road="event"}' in metrics
    assert "broken.yaml is passed over" in said
    assert {page.name.partition("-")[0] for page in reports.glob("*.html")} == {"first", "second"}
    assert_the_run_names_its_event(workspace, event["event_id"])
    assert_what_is_owed_is_told(workspace)


def assert_the_run_names_its_event(workspace, event_id):
    """On the ledger's trial, and where a person looks."""
    shown = workspace.json("runs", "show", "first")
    assert shown["events"] == [{"event": event_id, "type": "custom.go", "source": "person"}]
    ledger = Ledger(FolderObjects(workspace.workspace / ".qraft" / "lake"))
    (trial,) = [e for e in ledger.entries("trial") if e.body["run_id"] == shown["run_id"]]
    assert trial.body["events"] == [event_id]
    assert trial.body["events_count"] == 1


def assert_what_is_owed_is_told(workspace):
    """A run was killed between its last task and what it tells: the next who looks tells it."""
    folder = Workspace(workspace.workspace.resolve())
    run_id = workspace.json("runs", "show", "first")["run_id"]
    with Boxes(folder.home / "events") as boxes:
        told = boxes._file.rows("SELECT ident FROM outgoing ORDER BY ident")
        boxes._file.rows("DELETE FROM outgoing WHERE body IS NULL")
        boxes._file.rows("DELETE FROM told")
        boxes.outbox.owe(Owed(run_id, "first", ()))
        boxes.outbox.owe(Owed("0" * 12, "first", ()))  # was never begun in the lake
        assert tell_owed(folder, boxes.outbox) == 1
        again = boxes._file.rows("SELECT ident FROM outgoing WHERE state = 'untold'")
        assert again
        assert set(again) < set(told)  # the same ids: whoever heard them hears nothing new
        assert [owed.run_id for owed in boxes.outbox.owed()] == ["0" * 12]


def test_what_is_due_is_run_and_then_is_not(workspace):
    spec = workspace.workspace / "clocked.yaml"
    text = STUDY.format(name="clocked", on="custom.never")
    spec.write_text(text + 'schedule: {cron: "* * * * *", catch_up: last}\n')
    (row,) = workspace.json("schedule", "list", str(spec))
    assert len(row["next"]) == 3
    said = workspace.run("schedule", "run", str(spec), "--once").stderr
    assert re.search(r"^[1-9]\d* runs? (was|were) due$", said, re.MULTILINE)  # a minute may pass
    lines = workspace.run("schedule", "install", str(spec)).stdout.splitlines()
    assert any(line.startswith("* * * * * /bin/sh -c ") for line in lines)
    assert "[Timer]" in workspace.run("schedule", "install", str(spec), "--for", "systemd").stdout


def test_kind_words_where_nothing_waits(shell):
    assert "triggers" in shell.run("events", "listen", exit_code=2).stderr
    assert "schedule" in shell.run("schedule", "run", exit_code=2).stderr
    assert (
        "JSON" in shell.run("events", "publish", "custom.x", "--payload", "[", exit_code=2).stderr
    )
    assert shell.json("schedule", "list") == []
