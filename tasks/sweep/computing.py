"""Points computed: features to metrics, in any process; a point that is done is not done again."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from configs.errors import BadInput
from gate.evidence.outcomes import Ended
from storage.lake.manifest import DatasetId
from storage.open import open_lake
from tasks.aggregation import aggregate
from tasks.backtest.decisions.preferences import rank_scores
from tasks.backtest.fast.engine import play
from tasks.backtest.market.market import prepare_market
from tasks.backtest.problem import choose_steps
from tasks.backtest.refusals.idle import refuse_idle
from tasks.backtest.simulation import refuse, result_of
from tasks.dag.code.closure import own_code
from tasks.detection import detect, watched
from tasks.detection.task import as_one_symbol
from tasks.features import evaluate
from tasks.resampling.merging import merge
from tasks.runs.announcement import finished
from tasks.signal import information_coefficient, label, label_overlap
from tasks.signal.chain import score_features
from taskspecs.features import all_expressions
from taskspecs.identity import canonical_json, digest
from taskspecs.schema import BacktestSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.lake.lake import Lake
    from tasks.backtest.market.market import Market
    from tasks.backtest.result import BacktestResult
    from tasks.dag.plan import RunPlan
    from tasks.resampling import Resampling
    from taskspecs.schema import Frequency, TaskSpec

FILE = "point.json"
RETURNS = "returns.parquet"
ENGINE = "fast"


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


@dataclass(frozen=True, slots=True)
class Signalled:
    """What all points of a job share."""

    scores: pl.DataFrame
    ic: pl.DataFrame
    overlap: int
    patterns: pl.DataFrame | None


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
    return finished(lake, manifest, RETURNS, run_id=plan.run_id)


def compute(job: Job) -> int:
    """Compute and commit the points of a job; return how many.

    Notes
    -----
    Look-ahead: as of the stages that it calls; the metrics look at the whole period.
    """
    lake = open_lake(job.source.settings, job.source.workspace)
    bars = _bars(job.source)
    acting = any(plan.spec.backtest.reactions for plan in job.plans)
    shared = signal(bars, job.plans[0].spec, acting=acting)
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


def signal(bars: pl.DataFrame, spec: TaskSpec, *, acting: bool) -> Signalled:
    """Compute what comes before a backtest, in memory; see the stages that it calls.

    Parameters
    ----------
    acting
        Whether patterns act on the backtest, so that they must be found.
    """
    features = evaluate(bars, all_expressions(spec.features))
    aggregated = aggregate(features, bars, spec.aggregation, zone=spec.data.zone)
    # one thread: the other cores are at work on other points
    scores = score_features(aggregated.features, bars, spec, threads=1)
    ic = information_coefficient(scores, label(bars, spec.signal.label))
    patterns = _patterns(bars, features, aggregated.market, spec) if acting else None
    return Signalled(scores, ic, label_overlap(spec.signal.label, scores, bars), patterns)


def _patterns(
    bars: pl.DataFrame, features: pl.DataFrame, market: pl.DataFrame, spec: TaskSpec
) -> pl.DataFrame:
    """Find the patterns that act, as the stage of detection does."""
    wanted = watched(spec.detection)
    featured = bars.join(features, on=["symbol", "ts"], how="left", maintain_order="left")
    return detect(
        evaluate(featured, wanted["symbol"]),
        evaluate(as_one_symbol(market), wanted["market"]),
        spec.detection,
        jobs=1,
    ).patterns


def _backtest(job: Job, shared: Signalled, spec: TaskSpec) -> BacktestResult:
    bars, market = _bars(job.source), partial(
        _market, job.source, spec.frequency, spec.data.zone,
        spec.backtest.deal_price, spec.backtest.limit_threshold,
    )  # fmt: skip
    return trade(bars, market, shared, spec)


def trade(
    bars: pl.DataFrame, lay_out: Callable[[], Market], shared: Signalled, spec: TaskSpec
) -> BacktestResult:
    """Trade a signal by the fast engine, in memory.

    Parameters
    ----------
    lay_out
        Returns the market of `bars`; called once the backtest is known to be possible.

    Raises
    ------
    BadInput
        If the signal cannot be traded.
    """
    frequency, zone = spec.frequency, spec.data.zone
    refuse(bars, shared.scores, spec.backtest, zone)
    market = lay_out()
    rankings = rank_scores(shared.scores, market.steps, market.symbols, frequency, zone)
    problem = choose_steps(market, rankings, spec.backtest, shared.patterns)
    journal = play(problem)
    refuse_idle(journal, problem)
    return result_of(
        journal, problem, frequency=frequency, zone=zone, ic=shared.ic,
        overlap=shared.overlap,
    )  # fmt: skip


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
