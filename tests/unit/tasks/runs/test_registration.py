"""What a scheduler is told of old runs: the tasks, and what each of them had read."""

from __future__ import annotations

import pytest

from configs.workspace import Workspace
from storage.lake.lake import Lake
from storage.lake.manifest import DatasetId
from storage.lake.objects import MemoryObjects
from tasks.dag.plan import make_plan
from tasks.runs.registration import committed, needed
from tasks.runs.results import Results
from taskspecs.catalogue import find
from taskspecs.load import load


def a_run(study, workspace):
    """Commit an empty result of each planned stage; return the tasks' needs by their names."""
    spec, _ = load(find(study))
    plan = make_plan(spec, data_digest="d" * 64, original_name="sample")
    lake = Lake(MemoryObjects())
    for stage in plan.stages:
        lake.commit(stage.dataset, {}, inputs=stage.inputs, section={}, code="")
    datasets = {
        stage.name: DatasetId(stage.kind.zone, stage.name, stage.key) for stage in plan.stages
    }
    run = Results(plan.run_id, spec.name, datasets)
    tasks = committed(run, workspace, recorded=True)
    return {
        task.task_family: [other.task_family for other in needed(task, run, workspace, lake)]
        for task in tasks
    }


@pytest.mark.parametrize(
    ("study", "backtest"),
    [
        ("us_momentum", ["Ingest", "Signal"]),
        ("us_momentum_drift_aware", ["Ingest", "Signal", "Detection"]),
    ],
)
def test_a_backtest_hangs_on_detection_where_patterns_act_on_it(study, backtest, tmp_path):
    found = a_run(study, Workspace(tmp_path))
    assert found["Backtest"] == backtest
    assert found["Record"] == ["Report"]
    assert found["Features"] == ["Ingest"]
    order = list(found)
    assert all(order.index(other) < order.index(task) for task in found for other in found[task])
