"""The signal of a model: trained by walk-forward, and checked for look-ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasks.aggregation.featured import featurise
from tasks.features.execution.threads import count_threads
from tasks.features.leak.check import check_leaks
from tasks.resampling import Resampling, study_bars
from tasks.signal.learning import observe
from tasks.signal.refit import check_refits
from tasks.signal.scoring import label
from tasks.signal.training import train
from taskspecs.expressions import analyse, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import polars as pl

    from tasks.features.leak.verdict import LeakVerdict
    from tasks.signal.learning import Observations
    from tasks.signal.refit import Refitted
    from tasks.signal.training import Trained
    from taskspecs.models import ModelSpec
    from taskspecs.schema import TaskSpec


def label_horizon(expression: str) -> int:
    """Count the bars that a label looks ahead.

    Examples
    --------
    >>> label_horizon("Ref($close, -2) / Ref($close, -1) - 1")
    2
    """
    return analyse(parse(expression)).lookahead_rows


def train_signal(
    features: pl.DataFrame,
    bars: pl.DataFrame,
    model: ModelSpec,
    label_expression: str,
    *,
    threads: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Trained:
    """Train a model by walk-forward and score all decisions of its tests.

    Parameters
    ----------
    features
        ``symbol``, ``ts`` and one Float32 column for each feature, at decision times only.
    bars
        All bars.
    model
        The model, its windows and how labels are made comparable.
    label_expression
        What is learnt.
    threads
        Cores to use; default all that this process may use. The result does not depend on it.
    on_progress
        Called with the part of the windows that is done.

    Returns
    -------
    Trained
        Scores, windows and importance.

    Notes
    -----
    Look-ahead: as :func:`tasks.signal.training.train`.
    """
    seen = _observe(features, bars, model, label_expression)
    del features, bars  # as large again as what was laid out of them
    return train(
        seen,
        model,
        label_horizon(label_expression),
        threads=threads or count_threads(),
        on_progress=on_progress,
    )


class Checked(NamedTuple):
    """The verdict on the features, and on the models fitted again."""

    features: LeakVerdict
    refits: Refitted

    @property
    def verdict(self) -> Mapping[str, object]:
        """Both in one, without what it cost: that differs from machine to machine."""
        leak, scores, models = self.refits
        refitted = (
            f"a model fitted again looks ahead: {leak}"
            if leak
            else f"{scores:,} scores of {models} models fitted again on data cut at their first"
            " decision are the same"
        )
        return {
            "clean": self.features.clean and leak is None,
            "cuts": len(self.features.cuts) + models,
            "rows_compared": self.features.compared + scores,
            "text": f"features: {self.features.finding}; {refitted}",
        }


def check_model(
    scores: pl.DataFrame, source: pl.DataFrame, spec: TaskSpec, model: ModelSpec
) -> Checked:
    """Check a model's signal: its features on data cut at random, some models fitted again.

    A score is a fitted model's answer to the features of its row. So the features are checked as
    any are, and beside them the models: see :func:`tasks.signal.refit.check_refits`.

    Parameters
    ----------
    scores
        Of the whole walk-forward.
    source
        All bars, as they were ingested.
    spec
        The study.
    model
        Its model and windows.

    Returns
    -------
    Checked
        The verdict on features, and the one on models.

    Notes
    -----
    Look-ahead: it looks at the whole of the bars: it judges scores, and goes into none.

    What it cannot see: a column of the data that itself holds the future. Such a row says the same
    however the data is cut; it shows as a rank IC that is too good, and in the importance by
    permutation of the feature that reads it.
    """
    resampling = Resampling.of(spec)
    return Checked(
        check_leaks(
            lambda known: featurise(study_bars(known, spec), spec).decided,
            source,
            ends=resampling.ends if resampling else None,
        ),
        check_refits(
            scores,
            source,
            study_bars(source, spec)["ts"].unique().sort(),
            model,
            label_horizon(spec.signal.label),
            observe_since=lambda known, first: _observe_since(known, first, spec, model),
            threads=count_threads(),
        ),
    )


def _observe_since(
    source: pl.DataFrame, first: int, spec: TaskSpec, model: ModelSpec
) -> Observations:
    """Compute features from one bar on, by the whole chain, and lay them out."""
    bars = study_bars(source, spec)
    before: datetime = bars["ts"].unique().sort()[max(first - 1, 0)]
    features = featurise(bars, spec, after=before if first else None).decided
    return _observe(features, bars, model, spec.signal.label)


def _observe(
    features: pl.DataFrame, bars: pl.DataFrame, model: ModelSpec, label_expression: str
) -> Observations:
    calendar = bars["ts"].unique().sort()
    return observe(features, label(bars, label_expression), calendar, model.label_norm)
