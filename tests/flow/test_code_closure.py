"""What a run really imports is in the code that its keys are made of, or is left out by name."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata

import pytest

from configs.children import child_environment
from tasks.code.closure import PUBLISHING, own_code
from tasks.code.exclusions import LIBRARIES, OF_STAGES
from tasks.code.libraries import normal
from tasks.code.tree import HOME, PACKAGES, Tree
from tasks.plan import make_plan
from taskspecs.load import parse

SPEC = """
name: imported
features: {sets: [kbar], define: {momentum: "$close / Ref($close, 20) - 1"}}
signal: {model: {kind: linear, windows: {train_bars: 756, test_bars: 1500}}}
detection:
  - {detector: adwin, watch: $momentum}
  - {detector: half_space_trees, scope: market, watch: $dispersion}
backtest: {topk: 2}
"""
ORDER = ("ingest", "features", "aggregation", "signal", "backtest", "detection", "report")
"""The backtest first: its key says nothing of detection where no pattern acts."""

PROGRAM = """
import importlib, json, sys
from pathlib import Path
from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_lake
from tasks.run import plan_run
from tasks.session import Session, share
from taskspecs.load import parse

workspace = open_workspace(sys.argv[1])
settings = load_settings(workspace)
session = Session(workspace, settings, plan_run(parse(sys.argv[2]), workspace, settings),
                  open_lake(settings, workspace))
share(session)
before = set(sys.modules)
for name in sys.argv[3:]:
    module = importlib.import_module(f"tasks.{name}.task")
    stage = next(kind for kind in vars(module).values()
                 if getattr(kind, "stage", "") == name and kind.__module__ == module.__name__)
    stage.of(session).run()
    print(json.dumps([name, sorted(set(sys.modules) - before)]))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> dict[str, set[str]]:
    """What had been imported after each stage, in one interpreter that had imported no stage."""
    workspace = tmp_path_factory.mktemp("workspace")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(workspace), SPEC, *ORDER],
        env=child_environment({"PYTHONPATH": str(HOME)}), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {name: set(found) for name, found in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def closures():
    """The closure of each stage, with those of the stages whose results it reads."""
    plan = make_plan(parse(SPEC), data_digest="d0", original_name="prices.csv")
    found: dict[str, set[str]] = {}
    for stage in plan.stages:
        own = set(own_code().of_stage(stage.name, stage.section).parts)
        found[stage.name] = own.union(*(found[name] for name in stage.inputs if name in found))
    return found


@pytest.mark.slow
def test_what_each_stage_imports_is_in_its_closure(imported, closures):
    rooms = Tree(kept=own_code().tree.kept).modules.keys() & OF_STAGES.keys()
    left_out = set(own_code().of(rooms, {}, without=()).sources)
    allowed: set[str] = set()
    for name in ORDER:
        allowed |= closures[name]
        ours = {m for m in imported[name] if m.partition(".")[0] in PACKAGES}
        assert ours - allowed <= left_out, name
        assert not {m for m in ours - allowed if m.startswith(("tasks.", "taskspecs."))} - {
            "tasks.progress", "tasks.scheduler_page",
        }  # fmt: skip
        assert len(ours) > 60


@pytest.mark.slow
def test_what_each_stage_imports_of_others_is_in_its_closure(imported, closures):
    of_package = metadata.packages_distributions()
    without = {normal(name) for name in LIBRARIES} | needed_by(LIBRARIES)
    allowed: set[str] = set()
    for name in ORDER:
        allowed |= closures[name]
        tops = {m.partition(".")[0] for m in imported[name]} - sys.stdlib_module_names
        used = {normal(d) for top in tops - {*PACKAGES} for d in of_package.get(top, ())}
        assert used - allowed <= without, name


def needed_by(names) -> set[str]:
    """Return what is installed and needed by some distributions, directly or not."""
    from tasks.code.libraries import _needs

    found, waiting = set(), [*names]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _needs().get(one, ())
    return found


def test_the_road_to_a_signal_holds_what_makes_targets():
    parts = own_code().of_publishing().sources
    assert {PUBLISHING, "tasks.paper.account", "tasks.following.publishing", "gate.signals"} <= set(
        parts
    )
