"""What a run would be if it were run now: the digests that an approval binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import QraftError
from storage.objects import NotFound
from tasks.fetching import fetch
from tasks.ingest import read
from tasks.ingest.sources import digest, locate
from tasks.plan import read_plan
from tasks.session import plan_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from configs.workspace import Workspace
    from storage.lake import Lake
    from tasks.plan import RunPlan


def identify(lake: Lake, workspace: Workspace, run_id: str) -> Mapping[str, str]:
    """Return the digests ``spec``, ``code`` and ``data`` of a run, by the code and data of now.

    Bars that were added after those of the run do not change its data; bars that were changed or
    taken away do.

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
    return {"spec": plan.spec_hash, "code": plan.code_digest, "data": _data(plan, lake, workspace)}


def _data(plan: RunPlan, lake: Lake, workspace: Workspace) -> str:
    """Return the digest that the run has of its data, if the bars it saw are still the same."""
    try:
        fetch(plan.spec.data, workspace, lake.store)
        there = digest(plan.spec.data, workspace.root)
    except QraftError:
        return ""
    if there == plan.data_digest:
        return there
    return plan.data_digest if history_kept(plan, lake, workspace) else there


def history_kept(plan: RunPlan, lake: Lake, workspace: Workspace) -> bool:
    """Whether the source still has all bars that a run saw, unchanged, whatever was added."""
    import polars as pl

    dataset = plan.stage("ingest").dataset
    if not lake.exists(dataset):
        return False
    seen = lake.frame(lake.manifest(dataset), "bars.parquet")
    path = locate(plan.spec.data, workspace.root)
    try:
        bars = read(plan.spec.data, path, original_name=plan.original_name).bars
    except QraftError:
        return False
    kept = bars.filter(pl.col("ts") <= seen["ts"].max())
    return kept.equals(seen)
