"""The gate, studies, factors, health and memory, read by one call each."""

from __future__ import annotations

import pytest

from agent.service.events import list_dead_letters, publish_event
from agent.service.explanations import check_explanation, explain, search_memory
from agent.service.factors import list_coefficients, list_factors, measure_quantiles
from agent.service.gate import list_entries, list_strategies, show_strategy
from agent.service.health import (
    check_up,
    describe_workspace,
    list_processes,
    read_log,
    read_metrics,
    readiness,
)
from agent.service.plans import draft_spec, plan_run
from agent.service.runs.finished import show_run
from agent.service.service import Service
from agent.service.specs import read_spec
from agent.service.strategies.signals import list_signals
from agent.service.studies import list_schedule, list_studies, read_taskspec
from configs.errors import BadInput
from tests.consent import agree_to_settings


def test_the_gate_is_told_as_its_own_command_tells_it(asked, demo_shell):
    (one,) = list_strategies(asked)
    (said,) = demo_shell.json("gate", "list")
    told = one.model_dump()
    for name in ("strategy", "stage", "next_stage", "run_id", "trials_in_family", "trouble"):
        assert told[name] == said[name]
    assert [check["name"] for check in told["checks"]] == [c["name"] for c in said["checks"]]
    assert [check["passed"] for check in told["checks"]] == [c["passed"] for c in said["checks"]]


def test_the_story_of_a_strategy_has_its_evidence_and_its_entries(asked):
    story = show_strategy(asked, "us_momentum")
    assert story.evidence["figures"]["sharpe"] == show_run(asked).metrics["sharpe"]
    assert "proposal" in {entry.kind for entry in story.entries}
    assert len(story.unmet) == sum(not c.passed and not c.advice for c in story.checks)
    assert (story.halted, story.gone, story.not_believed) == (False, [], {})


def test_entries_of_the_ledger_are_read_on_from_any_number(asked):
    entries = list_entries(asked, limit=1_000)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert list_entries(asked, after=entries[-2].seq) == entries[-1:]
    assert {entry.kind for entry in list_entries(asked, kind="trial")} == {"trial"}
    with pytest.raises(BadInput, match="knows no kind"):
        list_entries(asked, kind="trail")


def test_an_explanation_counts_the_trials_on_the_same_data(asked):
    told = explain(asked, "last")
    (trials,) = [v for v in told.values if v.reference == "trials.count"]
    assert trials.value == list_strategies(asked)[0].trials_in_family == 1
    assert check_explanation(asked, told.model_dump(mode="json")) == []


def test_studies_that_ship_are_listed_and_can_be_read(asked):
    assert {"us_momentum"} <= {study.name for study in list_studies(asked) if study.shipped}
    assert read_taskspec(asked, "us_momentum")["name"] == "us_momentum"
    assert list_schedule(asked) == []


def test_a_plan_of_a_finished_run_has_nothing_to_compute(asked):
    planned = plan_run(asked, read_spec(asked, "us_momentum"))
    assert planned.run_id == show_run(asked).run_id
    assert {stage.state for stage in planned.stages} == {"done"}


def test_a_sentence_becomes_a_spec_or_a_question(asked):
    drafted = draft_spec(asked, "60-day momentum since 2008, if VIX < 20")
    assert drafted.spec["signal"]
    assert drafted.questions


def test_quantiles_of_a_factor_hold_all_rows_once(asked):
    assert list_factors(asked)[0] == "score"
    coefficients = list_coefficients(asked)
    told = measure_quantiles(asked, "score", quantiles=5)
    assert [each.quantile for each in told.quantiles] == [1, 2, 3, 4, 5]
    assert told.times <= len(coefficients.times) + 1
    assert -1 <= told.rank_ic <= 1
    with pytest.raises(BadInput, match="no factor"):
        measure_quantiles(asked, "scores")
    with pytest.raises(BadInput, match="cannot be made"):
        measure_quantiles(asked, quantiles=1)


def test_health_says_what_is_there(asked):
    assert {finding.state for finding in check_up(asked)} <= {"ok", "note", "wrong"}
    assert readiness(asked).ready
    assert list_processes(asked) == []
    assert read_metrics(asked) is None
    assert [line["event"] for line in read_log(asked, event="run", limit=1)] == ["run"]


def test_a_workspace_is_told_without_its_secrets(tmp_path):
    (tmp_path / "qraft.yaml").write_text("warehouse: duck://ann:geheim@db\n")
    agree_to_settings(tmp_path)
    told = describe_workspace(Service(str(tmp_path)))
    assert told.root == str(tmp_path)
    assert told.stores["lake"] == "file://.qraft/lake"
    assert "geheim" not in told.model_dump_json()


def test_an_event_is_kept_once(empty):
    first = publish_event(empty, "custom.rebalance", source="ann", payload={"why": "month end"})
    again = publish_event(
        empty, "custom.rebalance", source="ann", payload={"why": "month end"},
        event_id=first.event_id,
    )  # fmt: skip
    assert (first.new, first.told, again.new) == (True, True, False)
    assert list_dead_letters(empty) == []
    assert list_signals(empty) == []
    with pytest.raises(BadInput, match="not an event's type"):
        publish_event(empty, "no type", source="ann", payload={})


def test_the_memory_is_searched(asked):
    found = search_memory(asked, "half-space trees", limit=3)
    assert 0 < len(found) <= 3
    assert all(each.kind and each.text for each in found)
