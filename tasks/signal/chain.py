"""Features to the signal: the second part of a study, up to where nothing is traded yet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import polars as pl

from tasks.aggregation.featured import featurise
from tasks.resampling import study_bars
from tasks.signal.coefficient import information_coefficient
from tasks.signal.overlap import label_overlap
from tasks.signal.scoring import label, score

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.signal.training import Trained
    from taskspecs.schema import TaskSpec


@dataclass(frozen=True, slots=True, eq=False)
class Signalled:
    """The signal of a study, and what it foretells.

    Attributes
    ----------
    scores
        ``symbol, ts, score``, at the times of decision.
    ic
        ``ts, ic, rank_ic, n``: the information coefficient of each decision.
    overlap
        How many following decisions the label of a decision overlaps with.
    trained
        Of a model: its windows and importance too; none of an expression.
    """

    scores: pl.DataFrame
    ic: pl.DataFrame
    overlap: int
    trained: Trained | None = None


def signal_of(
    features: pl.DataFrame, bars: pl.DataFrame, spec: TaskSpec, *, threads: int | None = None
) -> Signalled:
    """Return the signal of features, and judge it by the study's label.

    Parameters
    ----------
    features
        At the times of decision; see :class:`tasks.aggregation.featured.Featured`.
    bars
        All bars that the study works on.
    spec
        The study.
    threads
        Of a model; default all cores. The result does not depend on it.

    Returns
    -------
    Signalled
        Scores, and how well they foretell.

    Notes
    -----
    Look-ahead: a score at `t` depends on rows known at `t`; its label is what comes later.
    """
    return judged(scorer_of(spec, threads=threads)(features, bars), bars, spec)


def scorer_of(
    spec: TaskSpec,
    *,
    threads: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame | Trained]:
    """Return what makes scores of features and bars: the study's expression, or its model.

    It holds on to nothing that it is called with, so that the features of a large study can go
    while its model is trained.

    Parameters
    ----------
    spec
        The study.
    threads
        Of a model; default all cores. The result does not depend on it.
    on_progress
        Called with the share of a model's windows that are done, 0 to 1.

    Returns
    -------
    Callable
        Takes features at the times of decision, and bars; returns scores, or what a model learnt.

    Notes
    -----
    Look-ahead: a score at `t` depends on rows known at `t`.
    """
    if spec.signal.model is None:
        return partial(_score, expression=cast("str", spec.signal.expression))
    from tasks.signal.modelled import train_signal

    return partial(
        train_signal, model=spec.signal.model, label_expression=spec.signal.label,
        threads=threads, on_progress=on_progress,
    )  # fmt: skip


def judged(made: pl.DataFrame | Trained, bars: pl.DataFrame, spec: TaskSpec) -> Signalled:
    """Judge scores by the study's label.

    Parameters
    ----------
    made
        What :func:`scorer_of` gave.
    bars
        All bars that the study works on.
    spec
        The study.

    Returns
    -------
    Signalled
        The scores, and how well they foretell the label.

    Notes
    -----
    Look-ahead: the scores are as they came; the judgement looks at what followed each of them.
    """
    trained = None if isinstance(made, pl.DataFrame) else made
    scores = made if isinstance(made, pl.DataFrame) else made.scores
    ic = information_coefficient(scores, label(bars, spec.signal.label))
    return Signalled(scores, ic, label_overlap(spec.signal.label, scores, bars), trained)


def scored(source: pl.DataFrame, spec: TaskSpec, *, threads: int | None = None) -> pl.DataFrame:
    """Return the scores of a source's bars, and nothing that is known later.

    Parameters
    ----------
    source
        All bars, as they were ingested.
    spec
        The study.
    threads
        Of a model; default all cores. The result does not depend on it.

    Returns
    -------
    polars.DataFrame
        ``symbol``, ``ts``, ``score``; rows without one are absent.

    Notes
    -----
    Look-ahead: a score at `t` depends on rows known at `t`.
    """
    bars = study_bars(source, spec)
    made = scorer_of(spec, threads=threads)(featurise(bars, spec).decided, bars)
    return made if isinstance(made, pl.DataFrame) else made.scores


def _score(features: pl.DataFrame, bars: pl.DataFrame, *, expression: str) -> pl.DataFrame:
    joined = features.join(bars, on=["symbol", "ts"], how="left", maintain_order="left")
    return score(joined, expression)
