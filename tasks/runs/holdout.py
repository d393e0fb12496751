"""Holdout: a study replayed past the seal, for the gate, which alone can ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from gate.statistics.moments import Moments, moments
from storage.lake.manifest import DatasetId
from tasks.dag.plan import read_plan
from tasks.dag.session import plan_path
from tasks.ingest import read
from tasks.study import decide, study_bars, trade

if TYPE_CHECKING:
    from storage.lake.guard import Opening
    from storage.lake.lake import Lake
    from tasks.dag.plan import RunPlan


def replay(lake: Lake, run_id: str, opening: Opening) -> Moments | None:
    """Play a run's study over the whole of its source, and measure what came after the seal.

    Nothing of it is written: the features of sealed days stay as closed as the days.

    Parameters
    ----------
    run_id
        The run whose spec is played; its data must be those that were opened.
    opening
        The gate's word, which the lake looks up on the ledger.

    Returns
    -------
    Moments or None
        Of the net returns per bar from the first sealed day on; none where they do not vary.

    Raises
    ------
    Forbidden
        If the ledger does not bear the opening out, or it was used.
    """
    plan = read_plan(lake.store.get(plan_path(run_id)))
    opened = lake.opened(opening)
    raw = opened.manifest(DatasetId("raw", plan.spec.data.source, plan.data_digest))
    data = plan.spec.data.model_copy(update={"end": None})
    with opened.as_file(raw, raw.files[0].name) as path:
        bars = read(data, path, original_name=plan.original_name, seen_at=plan.cut).bars
    return moments(_sealed_returns(bars, plan).to_numpy())


def _sealed_returns(bars: pl.DataFrame, plan: RunPlan) -> pl.Series:
    spec = plan.spec.model_copy(
        update={"backtest": plan.spec.backtest.model_copy(update={"end": None})}
    )
    worked = study_bars(bars, spec)
    decided = decide(worked, spec, acting=bool(spec.backtest.reactions))
    equity = trade(worked, decided.signal, spec, alarms=decided.alarms, engine="fast").equity
    day = pl.col("ts").dt.convert_time_zone(spec.data.zone).dt.date()
    return equity.filter(day >= plan.sealed_from)["net_return"]
