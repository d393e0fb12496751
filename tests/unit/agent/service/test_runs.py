"""A run has one shape, whoever asks: listed, shown, finished here, or told to an assistant."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.mcp.reading import Reader
from agent.service.runs.comparison import compare_runs
from agent.service.runs.finished import list_runs, show_run
from agent.service.runs.models import Run, RunDetail, RunOutcome
from agent.service.runs.naming import find_id
from agent.service.runs.now import run_now
from agent.service.runs.reports import read_report, write_index
from agent.service.service import Service
from agent.service.specs import read_spec
from configs.errors import BadInput
from configs.output import to_json


def test_an_empty_workspace_has_no_runs_and_makes_no_warehouse(empty):
    assert list_runs(empty) == []
    for ask in (show_run, find_id, read_report):
        with pytest.raises(BadInput, match="no run to show"):
            ask(empty, "last")
    assert not (empty.workspace.home / "warehouse").exists()


def test_a_run_is_the_same_whoever_tells_it(asked, demo_shell):
    (listed,) = list_runs(asked)
    shown = show_run(asked, "us_momentum")
    again = run_now(asked, read_spec(asked, "us_momentum"), road="command", tells=False)
    told = Reader(asked).show_run("last")["content"]
    own = listed.model_dump()
    assert {name: value for name, value in shown if name in Run.model_fields} == own
    assert {name: value for name, value in again if name in Run.model_fields} == own
    assert told == json.loads(to_json(shown)) == demo_shell.json("runs", "show", "last")
    assert issubclass(RunOutcome, RunDetail)
    assert again.computed == []


def test_what_is_told_of_a_run_hangs_together(asked):
    run = show_run(asked)
    assert run.metrics == {figure.name: figure.value for figure in run.figures}
    assert sum(run.patterns_by_type.values()) == run.patterns
    assert {stage.stage for stage in run.lineage} == {file.stage for file in run.artifacts}
    assert run.spec["name"] == run.name
    assert run.gate_stage == "dryrun"


def test_the_report_is_the_page_that_a_person_opens(asked):
    run = show_run(asked)
    assert Path(run.report).read_bytes() == read_report(asked, run.run_id)


def test_the_index_leads_to_the_reports(demo_copy):
    with Service(str(demo_copy.workspace)) as service:
        runs = list_runs(service)
        index = write_index(service, runs)
    assert index.runs == len(runs)
    page = Path(index.page).read_text(encoding="utf-8")
    assert f"us_momentum-{runs[0].run_id}.html" in page


def test_one_run_is_nothing_to_compare(asked):
    with pytest.raises(BadInput, match="1 run cannot be compared"):
        compare_runs(asked, ["last", "us_momentum"])


def test_many_threads_may_ask_at_once(asked):
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: show_run(asked), range(8)))
    assert all(each == told[0] for each in told)
