"""Signal: one number for each symbol and time, and how well it foretells what it should."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from tasks.aggregation.task import Aggregation
from tasks.dag.stage import RunTask, Stage
from tasks.features.leak.check import check_leaks
from tasks.resampling import Resampling
from tasks.signal import information_coefficient, label, score
from tasks.signal.chain import scored, with_features
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.dag.session import Session
    from tasks.features.leak.verdict import LeakVerdict
    from taskspecs.models import ModelSpec


class Signal(Stage):
    """Scores, their information coefficient, and the verdict of the leak check."""

    stage: ClassVar[str] = "signal"
    needs: ClassVar[tuple[type[RunTask], ...]] = (Aggregation,)

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Score, judge the scores, and recompute the whole chain on data cut in time."""
        bars = session.bars()
        by = _by_expression if session.plan.spec.signal.model is None else _by_model
        files, verdict = by(session, bars)
        labels = label(bars, session.plan.spec.signal.label)
        return {
            **files,
            "ic.parquet": information_coefficient(files["scores.parquet"], labels),
            "leak.json": canonical_json(verdict).encode(),
        }


def _by_expression(
    session: Session, bars: pl.DataFrame
) -> tuple[dict[str, pl.DataFrame], Mapping[str, object]]:
    spec = session.plan.spec
    features = session.frame("aggregation", "features")
    scores = score(with_features(bars, features), cast("str", spec.signal.expression))
    session.reporter.stage_progress(Signal.stage, 0.3)
    resampling = Resampling.of(spec)
    verdict = check_leaks(
        lambda known: scored(known, spec),
        session.frame("ingest", "bars"),
        ends=resampling.ends if resampling else None,
    )
    return {"scores.parquet": scores}, _verdict(verdict)


TRAINING_SHARE = 0.8
"""The usual part of training in a model's signal; the rest is its check."""


def _by_model(
    session: Session, bars: pl.DataFrame
) -> tuple[dict[str, pl.DataFrame], Mapping[str, object]]:
    from tasks.signal.modelled import check_model, train_signal

    spec = session.plan.spec
    model = cast("ModelSpec", spec.signal.model)
    trained = train_signal(
        session.frame("aggregation", "features"), bars, model, spec.signal.label,
        on_progress=partial(_advance, session),
    )  # fmt: skip
    files = {
        "scores.parquet": trained.scores,
        "windows.parquet": trained.windows,
        "importance.parquet": trained.importance,
    }
    source = session.frame("ingest", "bars")
    return files, check_model(trained.scores, source, spec, model).verdict


def _advance(session: Session, fraction: float) -> None:
    session.reporter.stage_progress(Signal.stage, TRAINING_SHARE * fraction)


def _verdict(verdict: LeakVerdict) -> Mapping[str, object]:
    """Return what the check found, without what it cost: that differs from machine to machine."""
    return {
        "clean": verdict.clean,
        "cuts": len(verdict.cuts),
        "rows_compared": verdict.compared,
        "text": verdict.finding,
    }
