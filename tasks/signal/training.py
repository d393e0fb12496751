"""A walk-forward: fit, predict what follows, and keep what was learnt of each window."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, in_spec
from tasks.signal.importance import IMPORTANCE_SCHEMA, measure_importance
from tasks.signal.models.registry import make_model
from tasks.signal.walk_forward import walk_forward

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.signal.learning import Observations
    from tasks.signal.models.protocol import Fitted, Sample
    from tasks.signal.walk_forward import Fold
    from taskspecs.models import ModelSpec

_UTC = pl.Datetime("us", "UTC")
WINDOWS_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "window": pl.Int64,
    "train_start": _UTC,
    "train_end": _UTC,
    "valid_start": _UTC,
    "valid_end": _UTC,
    "test_start": _UTC,
    "test_end": _UTC,
    "train_rows": pl.Int64,
    "valid_rows": pl.Int64,
    "test_rows": pl.Int64,
    "size": pl.Int64,
}
SCORES_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "symbol": pl.String,
    "ts": _UTC,
    "score": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Trained:
    """What a walk-forward gave.

    Attributes
    ----------
    scores
        ``symbol``, ``ts``, ``score`` (Float64), sorted by both; times of test windows only.
    windows
        A row for each window: its first and last bars (both inclusive; null where it has no
        validation), its rows, and ``size``, the trees or coefficients of its model.
    importance
        See :func:`tasks.signal.importance.measure_importance`.
    """

    scores: pl.DataFrame
    windows: pl.DataFrame
    importance: pl.DataFrame


def train(
    seen: Observations,
    spec: ModelSpec,
    horizon_bars: int,
    *,
    threads: int,
    on_progress: Callable[[float], None] | None = None,
) -> Trained:
    """Fit a model for each window and predict its test.

    Parameters
    ----------
    seen
        From :func:`tasks.signal.learning.observe`.
    spec
        The model and its windows.
    horizon_bars
        How far the label looks ahead.
    threads
        Cores to use; the result does not depend on it.
    on_progress
        Called with the part of the windows that is done.

    Raises
    ------
    BadInput
        If a window has no rows to learn from.

    Notes
    -----
    Look-ahead: a score at `t` depends on features up to `t`, and on features and labels of windows
    whose labels ended before the test window began.
    """
    folds = list(walk_forward(len(seen.calendar), spec.windows, horizon_bars))
    scores, windows, importance = [], [], []
    for fold in folds:
        fitted, lengths = fit(seen, spec, fold, threads=threads)
        scores.append(predict(seen, fitted, fold))
        windows.append(_window(seen, fold, lengths, fitted))
        importance.append(measure_importance(seen, fitted, fold, seed=spec.seed))
        if on_progress:
            on_progress(len(scores) / len(folds))
    return Trained(
        _newest(scores),
        pl.DataFrame(windows, schema=WINDOWS_SCHEMA, orient="row"),
        pl.concat([pl.DataFrame(schema=IMPORTANCE_SCHEMA), *importance]),
    )


def fit(
    seen: Observations, spec: ModelSpec, fold: Fold, *, threads: int
) -> tuple[Fitted, tuple[int, int]]:
    """Fit the model of one window; say from how many rows, and by how many it was stopped."""
    own = _sample(seen, fold.train, fold)
    stopping = _sample(seen, fold.valid, fold) if fold.valid else None
    lengths = len(own.labels), len(stopping.labels) if stopping else 0
    return make_model(spec, threads).fit(own, stopping), lengths


def _sample(seen: Observations, window: range, fold: Fold) -> Sample:
    sample = seen.sample(window)
    if len(sample.labels) == 0:
        first, last = seen.calendar[window.start], seen.calendar[window.stop - 1]
        raise BadInput(
            f"window {fold.number} of the model has nothing to learn from: no decision between"
            f" {first:%Y-%m-%d} and {last:%Y-%m-%d} has features and a label",
            place=in_spec("signal.model.windows"),
            hint="lengthen the windows, or begin where the data has prices",
        )
    return sample


def predict(seen: Observations, fitted: Fitted, fold: Fold) -> pl.DataFrame:
    """Score the decisions of a window's test.

    Parameters
    ----------
    seen
        Features and labels of the bars, with their calendar.
    fitted
        The model of this window.
    fold
        The window; its test is scored.

    Returns
    -------
    polars.DataFrame
        ``symbol``, ``ts``, ``score`` (Float64), a row for each row of features in the test.

    Notes
    -----
    Look-ahead: a score depends on the features of its row, and on a model of windows before.
    """
    rows = seen.rows(fold.test)
    keys = seen.keys[rows].select("symbol", "ts")
    if keys.is_empty():
        return pl.DataFrame(schema=SCORES_SCHEMA)
    scores = fitted.predict(seen.features[rows])
    return keys.with_columns(pl.Series("score", scores, pl.Float64))


def _newest(scores: list[pl.DataFrame]) -> pl.DataFrame:
    """Join windows; where tests overlap, the newest model's scores stand."""
    kept = [
        older.filter(pl.col("ts") < newer["ts"].min()) if newer.height else older
        for older, newer in pairwise(scores)
    ]
    empty = pl.DataFrame(schema=SCORES_SCHEMA)
    return pl.concat([empty, *kept, *scores[-1:]]).sort("symbol", "ts")


def _window(
    seen: Observations, fold: Fold, lengths: tuple[int, int], fitted: Fitted
) -> tuple[object, ...]:
    ends = [
        seen.calendar[place] if window else None
        for window in (fold.train, fold.valid, fold.test)
        for place in (window.start, window.stop - 1)
    ]
    rows = seen.rows(fold.test)
    return fold.number, *ends, *lengths, rows.stop - rows.start, fitted.size
