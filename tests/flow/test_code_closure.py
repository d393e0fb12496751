"""What a run really imports is in the code that its keys are made of, or is left out by name."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata

import pytest

from configs.children import child_environment
from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_lake
from tasks.dag.code.closure import PUBLISHING, own_code
from tasks.dag.code.exclusions import LIBRARIES, OF_STAGES
from tasks.dag.code.libraries import normal
from tasks.dag.code.tree import HOME, PACKAGES
from tasks.dag.plan import make_plan
from tasks.dag.session import plan_path
from tasks.runs.run import plan_run
from taskspecs.load import parse

SPEC = """
name: imported
features: {sets: [kbar], define: {momentum: "$close / Ref($close, 20) - 1"}}
signal: {model: {kind: linear, windows: {train_bars: 756, test_bars: 1500}}}
detection:
  - {detector: adwin, watch: $momentum}
backtest: {topk: 2}
"""
OPTIONAL = {
    "lz4": "joblib offers it for files that it packs",
    "jsonschema": "luigi offers it for parameters that are JSON",
    "jsonpointer": "jsonschema offers it for errors in such parameters",
    "xxhash": "redis offers it, which qlib imports",
    "sqlalchemy": "river offers it for rows of a database",
    "pillow": "plotly offers it for pictures",
    "colorama": "others colour a terminal with it",
}
"""What others import where it is installed, and nothing here uses."""
ORDER = ("ingest", "features", "aggregation", "signal", "backtest", "detection", "report")
"""The backtest first: its key says nothing of detection where no pattern acts."""

PROGRAM = """
import sys
before = set(sys.modules)
from importlib import import_module
import json

for name in sys.argv[3:]:
    module = import_module(f"tasks.{name}.task")
    stage = next(kind for kind in vars(module).values()
                 if getattr(kind, "stage", "") == name and kind.__module__ == module.__name__)
    stage.of(import_module("tasks.dag.session").session_of(*sys.argv[1:3])).run()
    print(json.dumps([name, sorted(set(sys.modules) - before)]))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> dict[str, set[str]]:
    """What had been imported after each stage, in one interpreter that imported nothing else."""
    workspace = open_workspace(tmp_path_factory.mktemp("workspace"))
    settings = load_settings(workspace)
    plan = plan_run(parse(SPEC), workspace, settings)
    open_lake(settings, workspace).store.put(plan_path(plan.run_id), plan.to_json())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(workspace.root), plan.run_id, *ORDER],
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
    left_out = of_what_is_left_out().sources
    allowed: set[str] = set()
    for name in ORDER:
        allowed |= closures[name]
        ours = {m for m in imported[name] if m.partition(".")[0] in PACKAGES}
        assert ours - allowed <= left_out.keys(), name
        assert not {m for m in ours - allowed if m.startswith(("tasks.", "taskspecs."))} - {
            "tasks.dag.progress", "tasks.scheduler", "tasks.scheduler.page",
        }  # fmt: skip
        assert len(ours) > 60


@pytest.mark.slow
def test_what_each_stage_imports_of_others_is_in_its_closure(imported, closures):
    of_package = metadata.packages_distributions()
    without = needed_by({*LIBRARIES, *OPTIONAL}) | of_what_is_left_out().libraries.keys()
    allowed, unknown = set[str](), dict[str, set[str]]()
    for name in ORDER:
        allowed |= closures[name]
        tops = {m.partition(".")[0] for m in imported[name]} - sys.stdlib_module_names
        used = {normal(d) for top in tops - {*PACKAGES} for d in of_package.get(top, ())}
        unknown[name] = used - allowed - without
    assert not any(unknown.values()), unknown


def of_what_is_left_out():
    """All that the rooms which are left out load."""
    modules = own_code().tree.modules
    rooms = [m for m in modules if any(f"{m}.".startswith(f"{room}.") for room in OF_STAGES)]
    return own_code().of(rooms, {}, without=())


def needed_by(names) -> set[str]:
    """Return some distributions and all that they need."""
    from tasks.dag.code.libraries import _needs

    found, waiting = set(), [*names]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _needs().get(one, ())
    return found


def test_the_road_to_a_signal_holds_what_makes_targets():
    parts = own_code().of_publishing().sources
    assert {
        PUBLISHING,
        "tasks.live.paper.account",
        "tasks.live.following.publishing",
        "gate.signals",
    } <= set(parts)
