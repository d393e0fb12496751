"""A run succeeds only when its last task is complete; what is gone is made again."""

from __future__ import annotations

import shutil

import pytest

from agent.cli.wording import word
from configs.errors import Damaged, Failed
from configs.settings import Settings
from configs.workspace import open_workspace
from tasks.runs import build
from tasks.runs.run import run
from taskspecs.load import load
from tests.fault.kill_runs import make_workspace
from tests.results import results


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = make_workspace(tmp_path_factory.mktemp("study"))
    workspace = open_workspace(str(folder))
    spec, _ = load(folder / "killed.yaml", workspace.root)
    outcome = run(spec, workspace, Settings(), road="event")
    return spec, workspace, outcome


def again(study):
    spec, workspace, _ = study
    return run(spec, workspace, Settings())


def test_every_road_leaves_the_page_where_a_person_opens_it(study):
    _, workspace, outcome = study
    assert outcome.page.parent == workspace.reports
    assert outcome.page.read_bytes() == outcome.session.lake.read(outcome.report, "report.html")


def test_each_result_that_is_removed_is_made_again_and_nothing_else(study):
    _, workspace, first = study
    expected = results(workspace.root)
    for stage in first.session.plan.stages:
        shutil.rmtree(workspace.home / "lake" / stage.dataset.prefix)
        assert again(study).computed == (stage.name,)
    two = [first.session.plan.stage(name) for name in ("aggregation", "report")]
    for stage in two:
        shutil.rmtree(workspace.home / "lake" / stage.dataset.prefix)
    assert again(study).computed == ("aggregation", "report")
    assert results(workspace.root) == expected
    assert again(study).computed == ()


def test_what_luigi_calls_a_success_is_not_believed(study, monkeypatch):
    _, workspace, first = study
    report = first.session.plan.stage("report").dataset
    kept = workspace.home / "kept"
    (workspace.home / "lake" / report.prefix).rename(kept)
    calls = []
    monkeypatch.setattr(build.luigi, "build", lambda *_a, **_o: calls.append(1))
    with pytest.raises(Failed, match="did not finish in 3 attempts"):
        again(study)
    assert len(calls) == build.ATTEMPTS
    # Another machine finishes it while this one's scheduler failed.
    monkeypatch.setattr(
        build.luigi, "build", lambda *_a, **_o: kept.rename(workspace.home / "lake" / report.prefix)
    )
    assert again(study).computed == ()


def test_a_report_that_is_damaged_is_no_success(study):
    _, workspace, first = study
    place = workspace.home / "lake" / first.report.file("report.html").path
    whole = place.read_bytes()
    place.write_bytes(whole[:-1])
    with pytest.raises(Damaged) as caught:
        again(study)
    place.write_bytes(whole)
    assert f"rm -r {place.parent}" in word(caught.value.remedy)


def test_a_scheduler_that_goes_away_holds_up_no_run(study, monkeypatch):
    _, workspace, first = study
    shutil.rmtree(workspace.home / "lake" / first.report.dataset.prefix)
    spec = study[0]
    monkeypatch.setattr("tasks.runs.build.scheduler_url", lambda *_: "http://127.0.0.1:9")
    monkeypatch.setattr(build, "RPC_PAUSE_S", 0)
    assert run(spec, workspace, Settings()).computed == ("report",)
