"""Factors: what a run's signal and features tell of the returns that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import AwareDatetime

from agent.service.model import Model
from agent.service.runs.naming import find_id, find_run, need_runs
from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    import polars as pl

    from agent.service.service import Service
    from tasks.dag.datasets import Dataset

SCORE: Final = "score"
"""What the signal itself is called among the factors."""


class Coefficient(Model):
    """The information coefficient of the signal at one time."""

    ts: AwareDatetime
    ic: float | None
    rank_ic: float | None
    n: int
    """Symbols that were compared."""


class Coefficients(Model):
    """The information coefficients of a run's signal, in the order of time."""

    run_id: str
    times: list[Coefficient]


class Quantile(Model):
    """The symbols that were alike by a factor."""

    quantile: int
    """1 for the lowest values."""
    mean_return: float | None
    """Of the next bar of decision, a symbol and time."""
    rows: int


class Quantiles(Model):
    """What followed on low and on high values of a factor, before costs.

    It describes what was seen, and is no test: the run's trial counts all the same.
    """

    run_id: str
    factor: str
    rank_ic: float | None
    """The mean of the rank correlations, time by time."""
    times: int
    quantiles: list[Quantile]


def list_coefficients(service: Service, run: str = "last") -> Coefficients:
    """Return the information coefficients of a run's signal.

    Raises
    ------
    BadInput
        If there is no such run.
    """
    from storage.warehouse.runs import coefficients_of

    need_runs(service)
    with service.warehouse() as warehouse:
        run_id = find_run(warehouse, run)["run_id"]
        rows = coefficients_of(warehouse, run_id)
    names = Coefficient.model_fields
    told = [{name: value for name, value in row.items() if name in names} for row in rows]
    return Coefficients(run_id=run_id, times=[Coefficient(**each) for each in told])


def list_factors(service: Service, run: str = "last") -> list[str]:
    """Return the names of a run's factors: its features at the times of decision, and its score."""
    frames = _frames(service, find_id(service, run))
    return [SCORE, *_names(_read(service, frames["aggregated"]))]


def measure_quantiles(
    service: Service, factor: str = SCORE, *, run: str = "last", quantiles: int = 5
) -> Quantiles:
    """Sort symbols by a factor at each time of decision, and say what followed.

    The return that follows is that from one time of decision to the next, on adjusted closes.

    Parameters
    ----------
    factor
        A feature of the run, or ``score``.
    quantiles
        2 to 20 groups, of about equal size.

    Raises
    ------
    BadInput
        If there is no such run or factor, or too few or many groups are asked for.
    Forbidden
        If the run's bars reach into what has been sealed since.
    """
    if not 2 <= quantiles <= 20:
        raise BadInput(f"{quantiles} quantiles cannot be made", hint="allowed: 2 to 20")
    run_id = find_id(service, run)
    frames = _frames(service, run_id)
    values = _read(service, frames["scores" if factor == SCORE else "aggregated"])
    if factor not in values.columns:
        known = [SCORE, *_names(_read(service, frames["aggregated"]))]
        raise BadInput(
            f"the run {run_id} has no factor `{factor}`", hint=did_you_mean(factor, known)
        )
    bars = _read(service, frames.get("study_bars", frames["bars"]))
    told = _measure(values.select("symbol", "ts", factor), bars, factor, quantiles)
    return Quantiles(run_id=run_id, factor=factor, **told)


def _measure(
    values: pl.DataFrame, bars: pl.DataFrame, factor: str, quantiles: int
) -> dict[str, Any]:
    """Group by quantile of each time; a row without a value or a next time is left out."""
    import polars as pl

    ranked = pl.col(factor).rank("ordinal").over("ts")
    seen = (
        values.join(bars.select("symbol", "ts", "close"), on=["symbol", "ts"], how="inner")
        .sort("symbol", "ts")
        .with_columns(
            (pl.col("close").shift(-1).over("symbol") / pl.col("close") - 1).alias("following")
        )
        .filter(pl.col(factor).is_finite(), pl.col("following").is_finite())
        .with_columns(((ranked - 1) * quantiles // pl.len().over("ts") + 1).alias("quantile"))
    )
    grouped = seen.group_by("quantile").agg(
        pl.col("following").mean().alias("mean_return"), pl.len().alias("rows")
    )
    each = seen.group_by("ts").agg(pl.corr(factor, "following", method="spearman").alias("ic"))
    finite = each.filter(pl.col("ic").is_finite())["ic"]
    return {
        "rank_ic": finite.mean(),
        "times": each.height,
        "quantiles": [Quantile(**row) for row in grouped.sort("quantile").to_dicts()],
    }


def _frames(service: Service, run_id: str) -> dict[str, Dataset]:
    """Return the frames that factors are made of, by the names of their views."""
    from tasks.dag.datasets import datasets
    from tasks.runs.results import results_of

    found = dict(datasets(service.lake, results_of(service.lake, service.ledger, run_id)))
    missing = [name for name in ("aggregated", "scores", "bars") if name not in found]
    if missing:
        raise BadInput(f"the results of the run {run_id} are not all there: {', '.join(missing)}")
    return found


def _read(service: Service, dataset: Dataset) -> pl.DataFrame:
    return service.lake.frame(dataset.manifest, dataset.output.file)


def _names(features: pl.DataFrame) -> list[str]:
    return [name for name in features.columns if name not in {"symbol", "ts", "known_at"}]
