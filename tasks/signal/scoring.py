"""Scores: what a signal's expression says of each symbol at each decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.features import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping


def score(frame: pl.DataFrame, expression: str) -> pl.DataFrame:
    """Score symbols by an expression over features and bars.

    Parameters
    ----------
    frame
        ``symbol``, ``ts`` (Datetime us UTC), features and the fields of bars, at decision times
        only. `Ref`, `Mean` and their like count these rows: decisions, not bars.
    expression
        In the language of features; `$name` is a feature or a field of the bar.

    Returns
    -------
    polars.DataFrame
        ``symbol``, ``ts``, ``score`` (Float64), sorted by both; rows without a finite score are
        absent. More is better.

    Raises
    ------
    BadInput
        An expression that cannot be read, names what is not there, or looks ahead.

    Notes
    -----
    Look-ahead: a score at `t` depends on rows of its symbol up to `t`.
    """
    return _finite(evaluate(frame, {"score": expression}), "score")


def label(bars: pl.DataFrame, expression: str) -> pl.DataFrame:
    """Compute what scores are judged against; the one place where looking ahead is meant.

    Parameters
    ----------
    bars
        All bars, so that the label of a decision reaches over bars that follow it.
    expression
        As `Ref($close, -2) / Ref($close, -1) - 1`.

    Returns
    -------
    polars.DataFrame
        ``symbol``, ``ts``, ``label`` (Float64), sorted by both; rows without one are absent.

    Notes
    -----
    Look-ahead: as far as the expression says. Labels judge, and must never reach a score.
    """
    labels: Mapping[str, str] = {"label": expression}
    return _finite(evaluate(bars, labels, allow_lookahead=True), "label")


def _finite(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return (
        frame.select("symbol", "ts", pl.col(name).cast(pl.Float64))
        .filter(pl.col(name).is_finite())
        .sort("symbol", "ts")
    )
