"""Signal: one number for each symbol and time, and how well it foretells what it should."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from tasks.dag.stage import Stage
from tasks.features.leak.check import check_leaks
from tasks.resampling import Resampling
from tasks.signal.chain import judged, scored, scorer_of
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.dag.session import Session
    from tasks.features.leak.verdict import LeakVerdict
    from tasks.signal.chain import Signalled
    from taskspecs.models import ModelSpec
    from taskspecs.schema import TaskSpec


class Signal(Stage):
    """Scores, their information coefficient, and the verdict of the leak check."""

    stage: ClassVar[str] = "signal"

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Score, judge the scores, and recompute the whole chain on data cut in time."""
        spec, bars = session.plan.spec, session.bars()
        scorer = scorer_of(spec, on_progress=partial(_advance, session))
        made = judged(scorer(session.frame("aggregation", "features"), bars), bars, spec)
        check = _check_model if spec.signal.model else _check_expression
        verdict = check(made, session.frame("ingest", "bars"), spec)
        return {
            "scores.parquet": made.scores,
            "ic.parquet": made.ic,
            **_of_model(made),
            "leak.json": canonical_json(verdict).encode(),
        }


def _of_model(made: Signalled) -> dict[str, pl.DataFrame]:
    if made.trained is None:
        return {}
    return {
        "windows.parquet": made.trained.windows,
        "importance.parquet": made.trained.importance,
    }


def _check_expression(
    _made: Signalled, source: pl.DataFrame, spec: TaskSpec
) -> Mapping[str, object]:
    resampling = Resampling.of(spec)
    verdict = check_leaks(
        lambda known: scored(known, spec), source, ends=resampling.ends if resampling else None
    )
    return _verdict(verdict)


def _check_model(made: Signalled, source: pl.DataFrame, spec: TaskSpec) -> Mapping[str, object]:
    from tasks.signal.modelled import check_model

    return check_model(made.scores, source, spec, cast("ModelSpec", spec.signal.model)).verdict


TRAINING_SHARE = 0.8
"""The usual part of training in a model's signal; the rest is its check."""


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
