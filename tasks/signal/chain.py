"""The whole chain from bars to scores, as a sweep and a leak check need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tasks.aggregation import aggregate
from tasks.features import evaluate
from tasks.resampling import study_bars
from tasks.signal.scoring import score
from taskspecs.features import all_expressions

if TYPE_CHECKING:
    import polars as pl

    from taskspecs.schema import TaskSpec


def scored(source: pl.DataFrame, spec: TaskSpec, *, threads: int | None = None) -> pl.DataFrame:
    """Return the scores of a source's bars: resampling, features, aggregation, signal.

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
    Look-ahead: as of the stages that it calls; a score at `t` depends on rows known at `t`.
    """
    bars = study_bars(source, spec)
    features = evaluate(bars, all_expressions(spec.features))
    aggregated = aggregate(features, bars, spec.aggregation, zone=spec.data.zone).features
    return score_features(aggregated, bars, spec, threads=threads)


def score_features(
    features: pl.DataFrame, bars: pl.DataFrame, spec: TaskSpec, *, threads: int | None = None
) -> pl.DataFrame:
    """Return the scores of features at the times of decisions, as :func:`scored` does.

    Parameters
    ----------
    features
        At the times of decisions: ``symbol``, ``ts`` and a column each.
    bars
        That the study works on.
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
    Look-ahead: a score at `t` depends on rows known at `t`; of a model, also on labels of windows
    that ended before.
    """
    if spec.signal.model is None:
        return score(with_features(bars, features), cast("str", spec.signal.expression))
    from tasks.signal.modelled import train_signal

    return train_signal(
        features, bars, spec.signal.model, spec.signal.label, threads=threads
    ).scores


def with_features(bars: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    """Join bars and features at the times at which decisions are made.

    Parameters
    ----------
    bars
        ``symbol``, ``ts`` and fields.
    features
        ``symbol``, ``ts`` and features; only times at which one decides.

    Returns
    -------
    polars.DataFrame
        The rows of `features`, the fields of their bars beside them.

    Notes
    -----
    Look-ahead: none; a row holds values of its own `ts`.
    """
    return features.join(bars, on=["symbol", "ts"], how="left", maintain_order="left")
