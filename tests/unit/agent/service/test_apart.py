"""A run that is started goes on by itself: it is followed from anywhere, cancelled, and told."""

from __future__ import annotations

import json
import os
import signal

import pytest

from agent.service.runs.apart import (
    FOLDER,
    cancel_run,
    follow_run,
    list_started,
    show_started,
    start_run,
)
from agent.service.runs.finished import show_run
from agent.service.runs.process import PROCESS, REQUEST, append_event
from agent.service.service import Service
from agent.service.specs import Spec, read_spec
from configs.errors import BadInput
from taskspecs.schema import TaskSpec


@pytest.fixture(scope="module")
def service(demo_copy):
    with Service(str(demo_copy.workspace)) as opened:
        yield opened


def test_a_run_is_followed_to_its_end_by_a_service_that_did_not_start_it(service):
    begun = start_run(service, read_spec(service, "us_momentum"), road="command")
    assert (begun.study, begun.road) == ("us_momentum", "command")
    with Service(str(service.workspace.root)) as other:
        events = list(follow_run(other, begun.id))
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert (events[0].kind, events[-1].kind) == ("begun", "done")
        assert list(follow_run(other, begun.id, after=len(events) - 1)) == events[-1:]
        told = show_started(other, begun.id)
        assert told.state == "done"
        assert show_run(other, told.run_id).name == "us_momentum"
        assert told in list_started(other)


def test_a_run_that_does_not_fit_says_why(service):
    spec = TaskSpec.model_validate(
        {"name": "unfit", "data": {"source": "file", "path": "data/none.csv"},
         "signal": {"expression": "$close"}}
    )  # fmt: skip
    begun = start_run(service, Spec(spec), road="command")
    *_, last = follow_run(service, begun.id)
    assert last.kind == "failed"
    assert (last.error.kind, last.error.exit_code) == ("BadInput", 2)
    assert "none.csv" in last.error.what
    assert show_started(service, begun.id).error == last.error
    assert cancel_run(service, begun.id).state == "failed"  # it had ended


def test_an_error_of_a_confined_run_quotes_nothing_of_files(service):
    (service.workspace.root / "secret.csv").write_text("date,symbol,close\nhunter2,A,1\n")
    spec = TaskSpec.model_validate(
        {"name": "curious", "data": {"source": "file", "path": "secret.csv"},
         "signal": {"expression": "$close"}}
    )  # fmt: skip
    for confined in (False, True):
        begun = start_run(service, Spec(spec), road="mcp", confined=confined)
        *_, last = follow_run(service, begun.id)
        assert last.kind == "failed"
        assert ("hunter2" in last.model_dump_json()) is not confined


def slow() -> Spec:
    """Return what takes longer than it takes to end it."""
    features = {f"f{n}": f"Corr($close, $volume, {n + 5}) / {n + 1}" for n in range(60)}
    return Spec(
        TaskSpec.model_validate(
            {"name": "slow", "features": {"define": features}, "signal": {"expression": "$f1"}}
        )
    )


def test_a_run_is_cancelled_and_resumes_as_any_other(service):
    begun = start_run(service, slow(), road="command")
    assert begun.state == "running"
    ended = cancel_run(service, begun.id)
    assert ended.state == "cancelled"
    *_, last = follow_run(service, begun.id)
    assert last.kind == "cancelled"
    assert cancel_run(service, begun.id) == ended


def test_a_run_whose_process_was_killed_is_told_as_crashed(service):
    begun = start_run(service, slow(), road="command")
    folder = service.workspace.home / FOLDER / begun.id
    os.killpg(json.loads((folder / PROCESS).read_text())["pid"], signal.SIGKILL)
    *_, last = follow_run(service, begun.id)
    assert last.kind == "crashed"
    assert show_started(service, begun.id).state == "crashed"


def test_a_line_that_is_not_whole_is_passed_over(service):
    folder = service.workspace.home / FOLDER / "abc123"
    folder.mkdir(parents=True)
    asked = {"study": "s", "road": "command", "as_of": None, "started_at": "2020-01-01T00:00:00Z"}
    (folder / REQUEST).write_text(json.dumps(asked))
    append_event(folder, "begun")
    with (folder / "progress.jsonl").open("a") as file:
        file.write('{"at": "2020-01-01T00:00:00Z", "kind": "do')
    assert show_started(service, "abc123").state == "crashed"
    assert [event.kind for event in follow_run(service, "abc123")] == ["begun", "crashed"]
    assert list(follow_run(service, "abc123", stopped=lambda: True)) == []


@pytest.mark.parametrize("ident", ["", "none", "../started", "a/b", "."])
def test_an_id_that_is_none_is_refused(service, ident):
    with pytest.raises(BadInput, match="no run was started"):
        show_started(service, ident)
