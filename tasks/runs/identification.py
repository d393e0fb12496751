"""What a run would be if it were run now: the digests that an approval binds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from configs.errors import QraftError
from gate.evidence import trials
from storage.lake.objects import NotFound
from tasks.dag.plan import read_plan
from tasks.dag.session import plan_path
from tasks.ingest.origin.marks import SUMMARY, read_marks, read_whole, still_there
from tasks.ingest.origin.sources import digest, locate
from tasks.ingest.task import known_bars
from tasks.runs.fetching import fetch
from taskspecs.identity import resolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from configs.workspace import Workspace
    from storage.lake.lake import Lake
    from storage.ledger import Ledger
    from tasks.dag.plan import RunPlan


def identify(lake: Lake, ledger: Ledger, workspace: Workspace, run_id: str) -> Mapping[str, str]:
    """Return the digests ``spec``, ``code`` and ``data`` of a run, by the code and data of now.

    Bars that were added after those of the run do not change its data; bars that were changed or
    taken away do, sealed ones too.

    Parameters
    ----------
    run_id
        A run that was begun in this workspace.

    Returns
    -------
    Mapping
        Empty where the run's plan is gone.
    """
    try:
        saved = lake.store.get(plan_path(run_id))
    except NotFound:
        return {}
    plan = read_plan(saved)
    begun = [e.at for e in ledger.entries(trials.KIND) if e.body["run_id"] == run_id]
    until = datetime.fromisoformat(begun[0]) if begun else datetime.max.replace(tzinfo=UTC)
    data = _data(plan, lake, workspace, until)
    return {"spec": plan.spec_hash, "code": plan.code_digest, "data": data}


def describe(lake: Lake, run_id: str) -> Mapping[str, Any]:
    """Return the resolved ``spec`` of a run, whose digest `identify` gives, and its ``symbols``.

    Returns
    -------
    Mapping
        Without what is gone.
    """
    try:
        plan = read_plan(lake.store.get(plan_path(run_id)))
    except NotFound:
        return {}
    dataset = plan.stage("ingest").dataset
    told: dict[str, Any] = {"spec": resolved(plan.spec)}
    if lake.exists(dataset):
        summary = json.loads(lake.read(lake.manifest(dataset), SUMMARY))
        told["symbols"] = summary.get("symbols", [])
    return told


def _data(plan: RunPlan, lake: Lake, workspace: Workspace, until: datetime) -> str:
    """Return the digest that the run has of its data, if the bars it saw are still the same."""
    try:
        fetch(plan.spec.data, workspace, lake.store)
        there = digest(plan.spec.data, workspace.root)
    except QraftError:
        return ""
    if there == plan.data_digest:
        return there
    return plan.data_digest if history_kept(plan, lake, workspace, until) else there


def history_kept(plan: RunPlan, lake: Lake, workspace: Workspace, until: datetime) -> bool:
    """Whether the source still has all bars that a run rests on, whatever was added.

    Parameters
    ----------
    until
        When the run read them, UTC; a bar that was not over then may have become another.
    """
    dataset = plan.stage("ingest").dataset
    if not lake.exists(dataset):
        return False
    path = locate(plan.spec.data, workspace.root)
    try:
        bars = known_bars(read_whole(plan.spec.data, path, plan.original_name), plan.as_of)
    except QraftError:
        return False
    marks = read_marks(lake.read(lake.manifest(dataset), SUMMARY))
    return bool(still_there(marks, bars, until=until))
