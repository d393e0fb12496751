"""Bars to features: the first half of a study, as all that compute one in memory begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.aggregation.aggregated import aggregate
from tasks.features import evaluate, evaluate_increment
from taskspecs.features import all_expressions

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from taskspecs.schema import TaskSpec


@dataclass(frozen=True, slots=True, eq=False)
class Featured:
    """The features of a study.

    Attributes
    ----------
    features
        ``symbol, ts`` and one Float32 column for each expression, one row a bar.
    decided
        The same at the times of decision only, comparable across symbols.
    market
        ``ts`` and the series of the whole market, one row for each time of a bar.
    """

    features: pl.DataFrame
    decided: pl.DataFrame
    market: pl.DataFrame


def featurise(bars: pl.DataFrame, spec: TaskSpec, *, after: datetime | None = None) -> Featured:
    """Evaluate a study's expressions, and aggregate them as it says.

    Parameters
    ----------
    bars
        Those that the study works on; see :func:`tasks.resampling.study_bars`.
    spec
        The study.
    after
        Give rows that are later than this alone (UTC); default all.

    Returns
    -------
    Featured

    Notes
    -----
    Look-ahead: a row at `t` depends on bars up to `t`.
    """
    expressions = all_expressions(spec.features)
    features = (
        evaluate(bars, expressions)
        if after is None
        else evaluate_increment(bars, expressions, after=after)
    )
    found = aggregate(features, bars, spec.aggregation, zone=spec.data.zone)
    return Featured(features, found.features, found.market)
