"""A run's results as rows of the warehouse's tables. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from gate.evidence.trials import road_of
from tasks.backtest.costs.charges import round_trip_bps
from taskspecs.identity import canonical_json, resolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gate.approval.mandate import Mandate
    from storage.lake.manifest import Manifest
    from storage.ledger import Entry
    from tasks.dag.plan import RunPlan


def run_row(
    plan: RunPlan, bars: Mapping[str, Any], report_path: str, trial: Entry | None
) -> pl.DataFrame:
    """Return the row of table ``runs``.

    Parameters
    ----------
    bars
        The summary that ingest wrote: symbols, start, end.
    report_path
        Where the report is in the lake.
    trial
        The run's entry on the ledger.
    """
    data = plan.spec.data
    row = {
        "run_id": plan.run_id,
        "name": plan.spec.name,
        "description": plan.spec.description,
        "strategy": plan.strategy,
        "spec_hash": plan.spec_hash,
        "spec": canonical_json(resolved(plan.spec)),
        "source": data.source,
        "frequency": plan.spec.frequency,
        "zone": data.zone,
        "road": road_of(trial.body) if trial else "",
        "symbols": len(bars["symbols"]),
        "first_ts": bars["start"],
        "last_ts": bars["end"],
        "as_of": plan.as_of.isoformat() if plan.as_of else None,
        "tried_at": trial.at if trial else None,
        "data_digest": plan.data_digest,
        "report": report_path,
    }
    times = ["first_ts", "last_ts", "as_of", "tried_at"]
    return pl.DataFrame([row], schema_overrides=dict.fromkeys(times, pl.String)).with_columns(
        pl.col(times).str.to_datetime(time_unit="us", time_zone="UTC")
    )


def artifact_rows(run_id: str, manifests: Iterable[Manifest]) -> pl.DataFrame:
    """Return a row for each file of a run."""
    rows = [
        {
            "run_id": run_id,
            "stage": manifest.dataset.stage,
            "key": manifest.dataset.key,
            "name": file.name,
            "path": file.path,
            "sha256": file.sha256,
            "bytes": file.bytes,
            "rows": file.rows,
        }
        for manifest in manifests
        for file in manifest.files
    ]
    return pl.DataFrame(rows, schema_overrides={"rows": pl.Int64})


def lineage_rows(plan: RunPlan) -> pl.DataFrame:
    """Return a row for each input of each stage."""
    rows = [
        {
            "run_id": plan.run_id,
            "stage": stage.name,
            "key": stage.key,
            "code": stage.code,
            "input": name,
            "input_key": key,
        }
        for stage in plan.stages
        for name, key in stage.inputs.items()
    ]
    return pl.DataFrame(rows)


def signal_rows(plan: RunPlan, scores: pl.DataFrame, positions: pl.DataFrame) -> pl.DataFrame:
    """Return the newest scores, and the weights that the backtest ended with."""
    newest = scores.filter(pl.col("ts") == pl.col("ts").max())
    last = positions.filter(pl.col("ts") == pl.col("ts").max()).select("symbol", "weight")
    return newest.join(last, on="symbol", how="left", maintain_order="left").select(
        pl.lit(plan.run_id).alias("run_id"),
        pl.lit(plan.strategy).alias("strategy"),
        pl.lit("dryrun").alias("stage"),
        "ts", "symbol", "score", "weight",
    )  # fmt: skip


def evidence(
    metrics: pl.DataFrame,
    health: pl.DataFrame,
    leak: Mapping[str, Any],
    plan: RunPlan,
    files: Mapping[str, str],
    *,
    bars_a_year: float,
    mandate: Mandate,
) -> dict[str, Any]:
    """Return what the gate will look at: figures, and what they were read from.

    Parameters
    ----------
    files
        sha256 of the files of the backtest that are judged, by name.
    bars_a_year
        By which ratios are annualised.
    mandate
        Which symbols signals may hold, and how much of them.
    """
    value = {row["name"]: row["value"] for row in metrics.to_dicts()}
    sharpe, error = value.get("sharpe"), value.get("sharpe_standard_error")
    refused = health.filter(pl.col("action") == "refused")["count"].sum()
    figures = {
        "bars_a_year": bars_a_year,
        "leak_clean": float(bool(leak["clean"])),
        "health_refused": float(refused),
        "cost_bps_round_trip": round_trip_bps(plan.spec.backtest.costs),
        "sharpe_t": sharpe / error if sharpe is not None and error else None,
        **{name: value.get(name) for name in ("bars", "sharpe", "max_drawdown", "annual_return")},
    }
    return {
        "figures": figures,
        "keys": {stage.name: stage.key for stage in plan.stages},
        "files": dict(files),
        "spec": plan.spec_hash,
        "code": plan.code_digest,
        "data": plan.data_digest,
        "sealed_from": plan.sealed_from.isoformat() if plan.sealed_from else None,
        "mandate": mandate.document(),
    }
