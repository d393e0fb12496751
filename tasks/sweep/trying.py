"""One study tried by the fast engine: on the ledger first, then computed, then its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gate.evidence.outcomes import record_outcomes
from storage.open import open_lake, open_ledger
from tasks.aggregation.groups import with_members
from tasks.dag.plan import make_plan
from tasks.dag.session import Session
from tasks.ingest.origin.landing import recall_cut, settle_cut
from tasks.ingest.origin.sources import digest, locate
from tasks.ingest.sealing import settle
from tasks.resampling import Resampling
from tasks.runs.announcement import announce
from tasks.runs.preflight import check_runnable
from tasks.sweep.computing import (
    RETURNS,
    Job,
    Source,
    compute,
    point_dataset,
    point_outcome,
    read_point,
)
from tasks.sweep.sweep import ingest_bars

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from configs.settings import Settings
    from configs.workspace import Workspace
    from taskspecs.schema import TaskSpec


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a trial.

    Attributes
    ----------
    metrics
        By name; empty where it was refused.
    refusal
        Why it could not be traded, else empty.
    returns
        ``ts`` and ``net_return`` of the research period, after costs.
    bars
        Of its data, as the first stage made them: those before the seal.
    """

    run_id: str
    strategy: str
    metrics: Mapping[str, float | None]
    refusal: str
    returns: pl.DataFrame
    bars: pl.DataFrame


def try_study(spec: TaskSpec, workspace: Workspace, settings: Settings, *, road: str) -> Tried:
    """Try a study on the open part of its data; a repeated trial is the same trial.

    Parameters
    ----------
    road
        Who asks, as the ledger will name it; one of `gate.evidence.trials.WITHOUT_REPORT`.

    Raises
    ------
    BadInput
        If the study does not fit the data; nothing was written.

    Notes
    -----
    Look-ahead: as of the stages; the metrics look at the whole open period.
    """
    ledger, lake = open_ledger(settings, workspace), open_lake(settings, workspace)
    data_digest = digest(spec.data, workspace.root)
    sealing = settle(spec.data, workspace, settings, ledger, data_digest=data_digest)
    plan = make_plan(
        with_members(spec, workspace.root),
        data_digest=data_digest,
        original_name=locate(spec.data, workspace.root).name,
        sealed_from=sealing.sealed_from,
    )
    session = Session(workspace, settings, recall_cut(lake, plan), lake)
    check_runnable(session)
    settle_cut(session)
    plan = session.plan
    ingest_bars(session)
    dataset = point_dataset(plan)
    announce(session, ledger, sealing, [(plan, {"point": dataset.key})], road=road)
    if not lake.exists(dataset):
        ingested = plan.stage("ingest").dataset
        compute(Job(Source(workspace, settings, ingested, Resampling.of(plan.spec)), (plan,)))
    record_outcomes(ledger, [point_outcome(lake, plan)], actor=road)
    found = read_point(lake, plan)
    returns = lake.frame(lake.manifest(dataset), RETURNS)
    return Tried(
        plan.run_id, plan.strategy, found["metrics"], found["refusal"], returns,
        session.frame("ingest", "bars"),
    )  # fmt: skip
