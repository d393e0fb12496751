"""Signal: one number for each symbol and time, and how well it foretells what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tasks.aggregation import aggregate
from tasks.aggregation.task import Aggregation
from tasks.features import evaluate
from tasks.features.leak import check_leaks
from tasks.resampling import Resampling, study_bars
from tasks.signal import information_coefficient, label, score
from tasks.stage import RunTask, Stage
from taskspecs.features import all_expressions
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.features.leak_verdict import LeakVerdict
    from tasks.session import Session
    from taskspecs.schema import TaskSpec


class Signal(Stage):
    """Scores, their information coefficient, and the verdict of the leak check."""

    stage: ClassVar[str] = "signal"
    needs: ClassVar[tuple[type[RunTask], ...]] = (Aggregation,)

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Score, judge the scores, and recompute the whole chain on data cut at random times."""
        spec = session.plan.spec
        bars = session.bars()
        scores = score(
            with_features(bars, session.frame("aggregation", "features")), spec.signal.expression
        )
        session.reporter.stage_progress(self.stage, 0.3)
        labels = label(bars, spec.signal.label)
        resampling = Resampling.of(spec)
        verdict = check_leaks(
            lambda known: scored(known, spec),
            session.frame("ingest", "bars"),
            ends=resampling.ends if resampling else None,
        )
        return {
            "scores.parquet": scores,
            "ic.parquet": information_coefficient(scores, labels),
            "leak.json": canonical_json(_verdict(verdict)).encode(),
        }


def _verdict(verdict: LeakVerdict) -> dict[str, object]:
    """Return what the check found, without what it cost: that differs from machine to machine."""
    return {
        "clean": verdict.clean,
        "cuts": len(verdict.cuts),
        "rows_compared": verdict.compared,
        "text": verdict.finding,
    }


def scored(source: pl.DataFrame, spec: TaskSpec) -> pl.DataFrame:
    """Return the scores of a source's bars, by the whole chain: resampling, features, aggregation,
    signal.
    """
    bars = study_bars(source, spec)
    features = evaluate(bars, all_expressions(spec.features))
    aggregated = aggregate(features, bars, spec.aggregation, zone=spec.data.zone)
    return score(with_features(bars, aggregated.features), spec.signal.expression)


def with_features(bars: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    """Join bars and features at the times at which decisions are made."""
    return features.join(bars, on=["symbol", "ts"], how="left", maintain_order="left")
