"""A change of code changes the keys of the stages that can reach it, and no others."""

from __future__ import annotations

import ast
import random

import grimp
import pytest

from tasks.dag.code.closure import PUBLISHING, own_code
from tasks.dag.code.exclusions import LIBRARIES, OF_PUBLISHING, OF_STAGES
from tasks.dag.code.families import LOADERS, RESTORED
from tasks.dag.code.libraries import installed_versions
from tasks.dag.code.tree import PACKAGES, Tree
from tasks.dag.plan import make_plan
from tasks.dag.stages import STAGES
from taskspecs.load import parse

SPEC = """
name: study
features: {define: {momentum: "$close / Ref($close, 20) - 1"}}
aggregation: {bars: week}
signal: {expression: $momentum}
detection: [{detector: adwin, watch: $momentum}]
"""
MODEL = SPEC.replace("{expression: $momentum}", "{model: {kind: linear}}")
MUTATED = 40


def differences(one, other, what: str = "code") -> set[str]:
    return {
        stage.name
        for stage, then in zip(one.stages, other.stages, strict=True)
        if getattr(stage, what) != getattr(then, what)
    }


def downstream(stages: set[str], plan) -> set[str]:
    """Those stages, and all that are made from their results."""
    found = set(stages)
    for stage in plan.stages:
        if found & set(stage.inputs):
            found.add(stage.name)
    return found


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)


# What grimp does not see: names that packages load when they are asked for.
LAZY = {
    ("agent.cli.data.inspection", "tasks.ingest.reader"),
    ("agent.cli.data.new", "tasks.ingest.reader"),
    ("tasks.aggregation.featured", "tasks.features.evaluation"),
    ("tasks.aggregation.featured", "tasks.features.increment"),
    ("tasks.backtest.task", "tasks.backtest.stress"),
    ("tasks.backtest.task", "tasks.signal.overlap"),
    ("tasks.detection.execution.observed", "tasks.features.evaluation"),
    ("tasks.detection.task", "tasks.detection.execution.streams"),
    ("tasks.features.task", "tasks.features.evaluation"),
    ("tasks.runs.holdout", "tasks.ingest.reader"),
    ("tasks.ingest.origin.marks", "tasks.ingest.reader"),
    ("tasks.runs.preflight", "tasks.backtest.refusals"),
    ("tasks.runs.preflight", "tasks.backtest.refusals.refusals"),
    ("tasks.ingest.sealing", "tasks.ingest.reader"),
    ("tasks.signal.scoring", "tasks.features.evaluation"),
}
# What grimp sees and nobody runs until a name is asked for.
DEFERRED = {
    ("tasks.detection", "tasks.detection.execution"),
    ("tasks.detection", "tasks.detection.execution.streams"),
}
# Modules that load by a name which is not written there; no stage reaches them.
UNTOLD = {"agent.cli.main", "agent.road.runner.worker", "tasks.detection.reference"}


def with_packages(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Add the packages above what is imported: they are loaded on the way."""
    found = set(edges)
    for module, imported in edges:
        while imported := imported.rpartition(".")[0]:
            found.add((module, imported))
    return {(module, imported) for module, imported in found if module != imported}


def test_the_graph_is_grimps_but_for_what_is_named(graph):
    tree = Tree(kept=own_code().tree.kept)
    assert set(tree.modules) == graph.modules
    told = set(tree.modules) - UNTOLD
    ours = {(module, found) for module in told for found in tree.loaded(module).modules}
    theirs = {(m, found) for m in told for found in graph.find_modules_directly_imported_by(m)}
    theirs |= {(m, m.rpartition(".")[0]) for m in told if "." in m}
    ours, theirs = with_packages(ours), with_packages(theirs)
    assert ours - theirs == LAZY
    assert theirs - ours == DEFERRED


def test_what_loads_by_an_untold_name_is_known():
    tree = Tree(kept=own_code().tree.kept)
    assert {m for m in tree.modules if tree.imports(m).unknown} == LOADERS | UNTOLD


def constants(source: bytes) -> list[ast.Constant]:
    """Return the whole numbers that are written in a module."""
    nodes = ast.walk(ast.parse(source))
    return [n for n in nodes if isinstance(n, ast.Constant) and type(n.value) is int]


def mutate(source: bytes, node: ast.Constant) -> bytes:
    lines = source.splitlines(keepends=True)
    line = lines[node.lineno - 1]
    lines[node.lineno - 1] = b"%s%d%s" % (
        line[: node.col_offset], int(node.value) + 1, line[node.end_col_offset :],
    )  # fmt: skip
    return b"".join(lines)


def test_forty_constants_each_change_exactly_the_stages_that_reach_them(copy, graph):
    draw = random.Random(20261130)
    tree = copy.code.tree
    candidates = [m for m in sorted(tree.modules) if constants(tree.content(m))]
    before = copy.plan(MODEL)
    reached_of = {stage.name: reach(graph, f"tasks.{stage.name}.task") for stage in before.stages}
    reached_of["signal"] |= {"tasks.signal.models.linear"}
    reached_of["detection"] |= {"tasks.detection.drift", "tasks.detection.drift.adwin"}
    for module in reached_of["detection"].copy():
        reached_of["detection"] |= reach(graph, module)
    drawn = draw.sample(candidates, MUTATED)
    seen = set()
    for module in drawn:
        source = tree.content(module)
        path = tree.modules[module].relative_to(copy.root).as_posix()
        with copy.changed(path, mutate(source, draw.choice(constants(source)))):
            after = copy.plan(MODEL)
        expected = {name for name, reached in reached_of.items() if module in reached}
        assert differences(before, after) == expected, module
        assert differences(before, after, "key") == downstream(expected, before), module
        seen.add(frozenset(expected))
    assert len(seen) > 3, "the draw holds modules of several stages, and of none"


def reach(graph, root: str) -> set[str]:
    """Walk grimp's graph, with what it does not see, and without what is left out."""
    named = {m: {i for by, i in LAZY if by == m} for m, _ in LAZY}
    found, waiting = set(), [root]
    while waiting:
        module = waiting.pop()
        if module in found or any(f"{module}.".startswith(f"{room}.") for room in OF_STAGES):
            continue
        found.add(module)
        imported = graph.find_modules_directly_imported_by(module) | named.get(module, set())
        waiting += {i for i in imported if (module, i) not in DEFERRED}
        if above := module.rpartition(".")[0]:
            waiting.append(above)
    return found


@pytest.mark.parametrize(
    "path",
    [
        "tasks/ingest/sealing.py", "storage/seals/likeness.py", "taskspecs/detectors/base.py",
        "storage/lake/stream.py", "storage/lake/lake.py", "taskspecs/models.py",
        "taskspecs/reactions.py",
        "taskspecs/identity.py", "taskspecs/frequencies.py", "taskspecs/schema.py",
    ],
)  # fmt: skip
def test_what_no_list_of_packages_held_counts(copy, path):
    before = copy.plan(SPEC)
    with copy.changed(path):
        after = copy.plan(SPEC)
    assert differences(before, after)
    assert "report" in differences(before, after, "key")
    assert before.code_digest != after.code_digest


@pytest.mark.parametrize(
    ("path", "used", "unused", "stages"),
    [
        (
            "tasks/detection/drift/kswin.py", SPEC.replace("adwin", "kswin"), SPEC,
            {"detection", "report"},
        ),
        ("tasks/detection/ensemble/season.py", SPEC.replace("adwin", "ensemble"), SPEC,
         {"detection", "report"}),
        (
            "tasks/signal/models/linear.py", MODEL, SPEC, {"signal", "backtest", "report"},
        ),
        (
            "taskspecs/expressions/sets/alpha101.yaml",
            SPEC.replace("{define", "{sets: [alpha101], define"),
            SPEC.replace("{define", "{sets: [alpha158], define"),
            {"features", "aggregation", "signal", "detection", "backtest", "report"},
        ),
        (
            "taskspecs/expressions/sets/kbar.py",
            SPEC.replace("{define", "{sets: [alpha158], define"), SPEC,
            {"features", "aggregation", "signal", "detection", "backtest", "report"},
        ),
        ("tasks/report/templates/parts.html", SPEC, None, {"report"}),
    ],
)  # fmt: skip
def test_a_member_of_a_family_is_of_those_studies_that_name_it(copy, path, used, unused, stages):
    texts = [text for text in (used, unused) if text]
    before = [copy.plan(text) for text in texts]
    with copy.changed(path):
        after = [copy.plan(text) for text in texts]
    assert differences(before[0], after[0], "key") == stages
    assert before[0].code_digest != after[0].code_digest
    for one, other in zip(before[1:], after[1:], strict=True):
        assert one == other


@pytest.mark.parametrize(
    "path",
    [
        "tasks/live/paper/account.py", "tasks/live/following/publishing.py",
        "tasks/live/following/follow_up.py", "tasks/runs/taint.py", "tasks/runs/run.py",
        "gate/signals/rules.py", "gate/signals/authority.py",
        "storage/events/envelope.py", "storage/ledger/ledger.py", "configs/gate.yaml",
    ],
)  # fmt: skip
def test_what_publishes_is_in_what_is_approved(copy, path):
    before = copy.plan(SPEC)
    with copy.changed(path):
        after = copy.plan(SPEC)
    assert differences(before, after) == set(), "it makes no result of a stage"
    assert before.code_digest != after.code_digest


def test_what_only_decides_or_shows_is_in_neither(copy):
    before = copy.plan(SPEC)
    for path in (
        "agent/cli/runs/run.py",
        "gate/deciding/approving.py",
        "storage/telemetry/lines.py",
    ):
        with copy.changed(path):
            assert copy.plan(SPEC) == before, path


def test_a_stage_that_is_not_read_does_not_count(copy):
    acting = SPEC + "backtest: {suspend_on: {scope: symbol}}\n"
    before = [copy.plan(text) for text in (SPEC, acting)]
    with copy.changed("tasks/detection/execution/streams.py"):
        after = [copy.plan(text) for text in (SPEC, acting)]
    found = [differences(*plans, "key") for plans in zip(before, after, strict=True)]
    assert found == [{"detection", "report"}, {"detection", "backtest", "report"}]


def test_the_copy_has_the_keys_of_the_original(copy):
    own = make_plan(parse(SPEC), data_digest="d0", original_name="prices.csv")
    assert copy.plan(SPEC) == own


def test_every_exclusion_leaves_something_out(graph):
    roots = {f"tasks.{kind.name}.task" for kind in STAGES}
    of_stages = own_code().of(roots, {}, without=()).sources
    of_publishing = own_code().of((PUBLISHING,), {}, without=()).sources
    assert set(OF_STAGES) <= set(of_stages)
    assert set(OF_PUBLISHING) <= set(of_publishing)
    assert set(RESTORED) <= set(of_stages)
    assert set(LIBRARIES) <= set(installed_versions())


def test_versions_of_libraries_count(copy, monkeypatch):
    before = copy.plan(SPEC)
    newer = {**installed_versions(), "llvmlite": "99.0"}
    monkeypatch.setattr("tasks.dag.code.libraries.installed_versions", lambda: newer)
    changed = differences(before, copy.plan(SPEC))
    assert "features" in changed, "numba computes by it"
    assert "ingest" not in changed
