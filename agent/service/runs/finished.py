"""Finished runs, listed and shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agent.service.runs.models import (
    Artifact,
    AskingEvent,
    Figure,
    HealthRule,
    Run,
    RunDetail,
    StageLineage,
)
from agent.service.runs.naming import find_run, need_runs
from agent.service.runs.reports import place_of_report, report_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.service.service import Service
    from storage.warehouse.port import Warehouse
    from storage.warehouse.rows import RunRow


def list_runs(service: Service) -> list[Run]:
    """Return the finished runs, the newest first; without runs, nothing is opened."""
    from storage.warehouse.patterns import counts_of
    from storage.warehouse.runs import newest_runs, values_of
    from tasks.run_names import differences

    if not service.any_begun():
        return []
    with service.warehouse() as warehouse:
        rows = newest_runs(warehouse)
        values = values_of(warehouse)
        kept, withheld = counts_of(warehouse), counts_of(warehouse, withheld=True)
    stages, variants = gate_stages(service), differences(rows)
    return [
        tell_run(
            row, stages, variant=variants.get(run_id), metrics=values.get(run_id, {}),
            patterns=sum(kept.get(run_id, {}).values()),
            withheld=sum(withheld.get(run_id, {}).values()),
            report=place_of_report(service, row),
        )
        for row in rows
        for run_id in [row["run_id"]]
    ]  # fmt: skip


def show_run(service: Service, wanted: str = "last") -> RunDetail:
    """Return all that is told of the run that a person means.

    Parameters
    ----------
    wanted
        ``last``, a run's id or its beginning, or a study's name.

    Raises
    ------
    BadInput
        If there is none, or more than one.
    """
    need_runs(service)
    with service.warehouse() as warehouse:
        row = find_run(warehouse, wanted)
        known = _known(warehouse, row)
        details = _details(warehouse, row["run_id"])
    run = tell_run(row, gate_stages(service), **known, report=report_file(service, row))
    return RunDetail(
        **dict(run) | details,
        spec=json.loads(row["spec"]),
        events=asking_events(service, row["run_id"]),
    )


def _known(warehouse: Warehouse, row: RunRow) -> dict[str, Any]:
    """Return what is told of a run in a list, beside its row."""
    from storage.warehouse.patterns import counts_of
    from storage.warehouse.runs import newest_runs, values_of
    from tasks.run_names import differences

    run_id = row["run_id"]
    alike = [each for each in newest_runs(warehouse) if each["name"] == row["name"]]
    return {
        "variant": differences(alike).get(run_id),
        "metrics": values_of(warehouse, runs=[run_id]).get(run_id, {}),
        "patterns": sum(counts_of(warehouse).get(run_id, {}).values()),
        "withheld": sum(counts_of(warehouse, withheld=True).get(run_id, {}).values()),
    }


def _details(warehouse: Warehouse, run_id: str) -> dict[str, Any]:
    """Return what is told of one run alone."""
    from storage.warehouse import runs
    from storage.warehouse.patterns import counts_of

    return {
        "figures": [Figure(**_own(each)) for each in runs.figures_of(warehouse, run_id)],
        "artifacts": [Artifact(**_own(each)) for each in runs.artifacts_of(warehouse, run_id)],
        "lineage": [StageLineage(**each) for each in runs.stages_of(warehouse, run_id)],
        "health": [HealthRule(**_own(each)) for each in runs.health_of(warehouse, run_id)],
        "patterns_by_type": counts_of(warehouse).get(run_id, {}),
    }


def _own(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "run_id"}


def tell_run(
    row: RunRow, stages: Mapping[str, str], *, variant: str | None,
    metrics: Mapping[str, float | None], patterns: int, withheld: int, report: str,
) -> Run:  # fmt: skip
    """Tell a run from its row and what is known of it elsewhere.

    Parameters
    ----------
    stages
        Where each strategy stands; see :func:`gate_stages`.
    """
    told: dict[str, Any] = {name: value for name, value in row.items() if name != "spec"}
    told["report"] = report
    return Run(
        **told,
        variant=variant,
        gate_stage=stages.get(row["strategy"]),
        metrics=dict(metrics),
        patterns=patterns,
        withheld=withheld,
    )


def gate_stages(service: Service) -> dict[str, str]:
    """Return where each strategy stands, by its name."""
    from gate.policy_file import load_policy
    from gate.strategies import strategies

    known = strategies(service.ledger.entries(), load_policy(service.workspace))
    return {strategy.strategy: str(strategy.stage) for strategy in known}


def asking_events(service: Service, run_id: str) -> list[AskingEvent]:
    """Return the events that asked for a run: those that its trial names, and those it answered.

    A run that found everything done is the same run again, and no further trial; the inbox knows
    which events it answered to all the same.
    """
    from gate import trials
    from storage.events.boxes import Boxes

    named = {
        event_id: AskingEvent(event=event_id)
        for entry in service.ledger.entries(trials.KIND)
        if entry.body["run_id"] == run_id
        for event_id in entry.body.get("events", ())
    }
    with Boxes(service.workspace.home / "events") as boxes:
        for work in boxes.work.of_run(run_id):
            event_id = work.ident.removeprefix("id:")
            named[event_id] = AskingEvent(event=event_id, type=work.type, source=work.source)
    return list(named.values())
