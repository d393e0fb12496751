"""Points computed: features to metrics, in any process; a point that is done is not done again."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import polars as pl

from configs.errors import BadInput
from gate.evidence.outcomes import Ended
from storage.lake.manifest import DatasetId
from storage.open import open_lake
from tasks.backtest.market.market import prepare_market
from tasks.dag.code.closure import own_code
from tasks.resampling.merging import merge
from tasks.runs.announcement import finished
from tasks.study import decide, trade
from taskspecs.identity import canonical_json, digest
from taskspecs.schema import BacktestSpec

if TYPE_CHECKING:
    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.lake.lake import Lake
    from tasks.backtest.market.market import Market
    from tasks.backtest.result import BacktestResult
    from tasks.dag.plan import RunPlan
    from tasks.resampling import Resampling
    from tasks.study import Decided
    from taskspecs.frequencies import Frequency
    from taskspecs.schema import TaskSpec

FILE = "point.json"
RETURNS = "returns.parquet"
ENGINE: Final = "fast"


class Source(NamedTuple):
    """Where the bars of some points are, and what is made of them."""

    workspace: Workspace
    settings: Settings
    ingest: DatasetId
    resampling: Resampling | None


@dataclass(frozen=True, slots=True)
class Job:
    """Points that share one signal."""

    source: Source
    plans: tuple[RunPlan, ...]


def point_dataset(plan: RunPlan) -> DatasetId:
    """Return where the result of a point is: equal backtests of equal signals are one result.

    All members of families that make it are in the key of the backtest, by way of its inputs.
    """
    about = {"backtest": plan.stage("backtest").key, "engine": ENGINE, "files": [FILE, RETURNS]}
    code = own_code().of((__name__,), {}).digest
    return DatasetId("report", "point", digest({**about, "code": code}))


def read_point(lake: Lake, plan: RunPlan) -> dict[str, Any]:
    """Return the metrics of a point that is done, or why it was refused."""
    content: dict[str, Any] = json.loads(lake.read(lake.manifest(point_dataset(plan)), FILE))
    return content


def point_outcome(lake: Lake, plan: RunPlan) -> Ended:
    """Tell the gate how a point that is done ended, and where its returns are."""
    manifest = lake.manifest(point_dataset(plan))
    if refusal := json.loads(lake.read(manifest, FILE))["refusal"]:
        return Ended(plan.run_id, "refused", why=refusal)
    return finished(lake.frame(manifest, RETURNS), manifest, RETURNS, run_id=plan.run_id)


def compute(job: Job) -> int:
    """Compute and commit the points of a job; return how many.

    Notes
    -----
    Look-ahead: as of the stages that it calls; the metrics look at the whole period.
    """
    lake = open_lake(job.source.settings, job.source.workspace)
    bars = _bars(job.source)
    acting = any(plan.spec.backtest.reactions for plan in job.plans)
    # one core: the others are at work on other points
    shared = decide(bars, job.plans[0].spec, acting=acting, cores=1)
    for plan in job.plans:
        stage = plan.stage("backtest")
        content = {"metrics": {}, "refusal": ""}
        returns = pl.DataFrame(schema={"ts": pl.Datetime("us", "UTC"), "net_return": pl.Float64})
        try:
            result = _backtest(job, shared, plan.spec)
            content["metrics"] = _metrics(result)
            returns = result.equity.select("ts", "net_return")
        except BadInput as error:
            content["refusal"] = error.what
        lake.commit(
            point_dataset(plan),
            {FILE: canonical_json(content).encode(), RETURNS: returns},
            inputs=stage.inputs,
            section={**stage.section, "engine": ENGINE},
            code=stage.code,
        )
    return len(job.plans)


def _backtest(job: Job, shared: Decided, spec: TaskSpec) -> BacktestResult:
    market = partial(
        _market, job.source, spec.frequency, spec.data.zone,
        spec.backtest.deal_price, spec.backtest.limit_threshold,
    )  # fmt: skip
    bars = _bars(job.source)
    return trade(bars, shared.signal, spec, alarms=shared.alarms, engine=ENGINE, market=market)


def _metrics(result: BacktestResult) -> dict[str, float | None]:
    return {
        name: value if value is not None and math.isfinite(value) else None
        for name, value in result.metrics.select("name", "value").iter_rows()
    }


@lru_cache(maxsize=1)
def _bars(source: Source) -> pl.DataFrame:
    lake = open_lake(source.settings, source.workspace)
    bars = lake.frame(lake.manifest(source.ingest), "bars.parquet")
    return merge(bars, source.resampling) if source.resampling else bars


@lru_cache(maxsize=2)
def _market(
    source: Source,
    frequency: Frequency,
    zone: str,
    deal_price: Literal["close", "open"],
    limit_threshold: float | None,
) -> Market:
    """Lay the market out once for all points with the same rules of trading."""
    spec = BacktestSpec(deal_price=deal_price, limit_threshold=limit_threshold)
    return prepare_market(_bars(source), spec, frequency, zone)
