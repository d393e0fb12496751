"""Bars on which too few symbols can be ranked for the strategy's rule to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tasks.backtest.refusals.refusals import needed_candidates

if TYPE_CHECKING:
    from tasks.backtest.journal import Journal
    from tasks.backtest.problem import Problem


def short_bars(journal: Journal, problem: Problem) -> int:
    """Count the bars on which something was held that could not be replaced, and was sold for that.

    Where fewer than ``topk + n_drop`` symbols have a score or are held, qlib's `TopkDropout` sells
    what has no replacement; see :func:`tasks.backtest.refusals.refusals.needed_candidates`.

    Returns
    -------
    int
        Bars at which orders were due, something was held, and the candidates were too few; 0 for
        strategies that replace nothing.

    Notes
    -----
    Look-ahead: none of a bar; the count is of the whole period.
    """
    spec = problem.spec
    if spec.strategy != "topk_dropout" or spec.n_drop == 0:
        return 0
    needed = needed_candidates(spec)
    few = {
        row: ranked
        for row, ranked in problem.decisions.preferences.items()
        if len(ranked) < needed and problem.first <= row + 1 <= problem.last
    }
    if not few:
        return 0
    held = journal.holdings.filter(pl.col("row").is_in(list(few)))
    by_row = held.group_by("row").agg("column")
    return sum(
        int(np.union1d(few[row], columns.to_numpy()).size < needed)
        for row, columns in zip(by_row["row"].to_list(), by_row["column"], strict=True)
    )
