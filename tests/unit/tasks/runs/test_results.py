"""A run's results are found by what was written down, also after the code has changed."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest

from configs.errors import BadInput, Damaged
from gate.evidence.proposals import propose
from gate.evidence.trials import record_trial
from storage.lake.lake import Lake
from storage.lake.manifest import DatasetId
from storage.lake.objects import FolderObjects, MemoryObjects
from storage.ledger import Ledger
from tasks.dag.datasets import datasets
from tasks.dag.session import plan_path
from tasks.dag.stages import BY_NAME
from tasks.runs.results import pick, results_of, tried


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return FolderObjects(tmp_path / "lake") if request.param == "folder" else MemoryObjects()


@pytest.fixture
def lake(store):
    return Lake(store)


@pytest.fixture
def ledger(store):
    return Ledger(store)


def begins(lake, ledger, run_id, keys, study="study"):
    record_trial(
        ledger, run_id=run_id, strategy=f"{study}@1", family="f", road="command", about={}
    )  # fmt: skip
    lake.store.put(plan_path(run_id), json.dumps({"spec": {"name": study}, "keys": keys}).encode())


def commits(lake, stage, key, **files):
    dataset = DatasetId(BY_NAME[stage].zone, stage, key)
    lake.commit(dataset, files or {"x": b"1"}, inputs={}, section={}, code="")
    return dataset


def test_only_what_is_committed_is_there(lake, ledger):
    begins(lake, ledger, "r1", {"ingest": "i1", "report": "p1"})
    assert results_of(lake, ledger, "r1").datasets == {}
    ingest = commits(lake, "ingest", "i1")
    results = results_of(lake, ledger, "r1")
    assert (results.study, results.datasets, results.finished) == (
        "study",
        {"ingest": ingest},
        False,
    )
    commits(lake, "report", "p1")
    assert results_of(lake, ledger, "r1").finished


def test_a_run_begun_anew_and_stopped_does_not_hide_what_was_finished(lake, ledger):
    begins(lake, ledger, "r1", {"ingest": "new", "report": "new"})
    commits(lake, "ingest", "new")
    old = {stage: commits(lake, stage, "old") for stage in ("ingest", "report")}
    evidence = {"figures": {}, "keys": {"ingest": "old", "report": "old"}}
    propose(ledger, strategy="study@1", run_id="r1", evidence=evidence, road="run")
    assert results_of(lake, ledger, "r1").datasets == old


@pytest.mark.parametrize("plan", [b"", b"not json", b"[]", b'{"keys": {"later_stage": "k"}}'])
def test_a_plan_that_cannot_be_read_means_no_results(lake, ledger, plan):
    lake.store.put(plan_path("r1"), plan)
    results = results_of(lake, ledger, "r1")
    assert (dict(results.datasets), results.study) == ({}, "r1")
    assert dict(results_of(lake, ledger, "unknown").datasets) == {}


def test_runs_are_picked_by_last_by_id_and_by_study(lake, ledger):
    with pytest.raises(BadInput, match="no run to show"):
        pick(ledger)
    for run_id, study in (("ab1", "one"), ("ab2", "two"), ("cd3", "one")):
        begins(lake, ledger, run_id, {}, study)
    assert tried(ledger) == ["cd3", "ab2", "ab1"]
    assert pick(ledger) == pick(ledger, "last") == pick(ledger, "one") == pick(ledger, "c") == "cd3"
    assert pick(ledger, "two") == "ab2"
    with pytest.raises(BadInput, match="more than one run begins with `ab`"):
        pick(ledger, "ab")
    for unknown in ("zz", ""):
        with pytest.raises(BadInput, match="there is no run"):
            pick(ledger, unknown)


def test_a_view_is_a_verified_file(lake, ledger, store):
    begins(lake, ledger, "r1", {"signal": "s1"})
    commits(lake, "signal", "s1", **{"ic.parquet": b"content", "other.parquet": b""})
    views = datasets(lake, results_of(lake, ledger, "r1"))
    assert list(views) == ["ic"]
    with ExitStack() as stack:
        path = views["ic"].verified(lake, stack)
        assert path.read_bytes() == b"content"
    lake.store.put(views["ic"].stored.path, b"other!!")
    with ExitStack() as stack, pytest.raises(Damaged):
        views["ic"].verified(lake, stack)
