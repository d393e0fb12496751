"""Does a model know what was not known yet? Take the future away, fit again, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from tasks.features.leak.comparison import compare
from tasks.signal.training import fit, predict
from tasks.signal.walk_forward import Fold, walk_forward

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tasks.features.leak.verdict import Leak
    from tasks.signal.learning import Observations
    from taskspecs.models import ModelSpec

MOST_REFITS: Final = 2
"""Models that are fitted again; each costs what one window of the walk-forward cost."""


class Refitted(NamedTuple):
    """What was compared: the first score that changed, the scores, and the models."""

    leak: Leak | None
    compared: int
    models: int


def check_refits(
    scores: pl.DataFrame,
    source: pl.DataFrame,
    calendar: pl.Series,
    spec: ModelSpec,
    horizon_bars: int,
    *,
    observe_since: Callable[[pl.DataFrame, int], Observations],
    threads: int,
    seed: int = 0,
) -> Refitted:
    """Fit some windows' models again on data cut at their first decision, and compare.

    That is where a training label that reaches into the test shows: with the data cut there, it is
    not known.

    Parameters
    ----------
    scores
        Of the whole walk-forward.
    source
        All bars as they were ingested, with ``known_at`` if rows became known later than their
        time.
    calendar
        The times of the bars that the study works on, rising.
    spec
        The model and its windows.
    horizon_bars
        How far the label looks ahead.
    observe_since
        From ingested bars, and the number of the first of the study's bars that is needed, to
        features and labels: the whole chain before the model.
    threads
        Cores to use.
    seed
        Chooses the windows; the last is always among them.

    Returns
    -------
    Refitted
        With the first score that differs, by time.

    Notes
    -----
    Look-ahead: it looks at the whole of the bars: it judges scores, and goes into none.

    Memory: as much as the features of one window need.
    """
    compared = models = 0
    for fold in _choose(list(walk_forward(len(calendar), spec.windows, horizon_bars)), seed):
        # later bars of a test may have been predicted by the next model
        own_bars = fold.test[: spec.windows.step]
        decided = scores.filter(pl.col("ts").is_in(calendar[own_bars.start : own_bars.stop]))
        if decided.is_empty():
            continue
        first: datetime = decided["ts"].sort()[0]
        seen = observe_since(_known_at(first, source, calendar), fold.train.start)
        # laid out by what was known then, not taken from the full layout
        folds = walk_forward(len(seen.calendar), spec.windows, horizon_bars)
        own = next(again for again in folds if again.number == fold.number)
        fitted, _ = fit(seen, spec, own, threads=threads)
        leak, count = compare(
            decided.filter(pl.col("ts") == first), predict(seen, fitted, own), first
        )
        compared, models = compared + count, models + 1
        if leak:
            return Refitted(leak, compared, models)
    return Refitted(None, compared, models)


def _known_at(decision: datetime, source: pl.DataFrame, calendar: pl.Series) -> pl.DataFrame:
    """Return the rows that were known as soon as those of a decision's own bar were."""
    known = "known_at" if "known_at" in source.columns else "ts"
    before = calendar.filter(calendar < decision)
    own = source.filter(pl.col("ts") <= decision)
    if len(before):
        own = own.filter(pl.col("ts") > before[-1])
    return source.filter(pl.col(known) <= own[known].max())


def _choose(folds: list[Fold], seed: int) -> list[Fold]:
    """Take the last window and others at random, in the order of time."""
    others = np.random.default_rng(seed).permutation(len(folds) - 1)[: MOST_REFITS - 1]
    return [folds[place] for place in sorted([*others.tolist(), len(folds) - 1])]
