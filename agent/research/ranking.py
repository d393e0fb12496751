"""What the trials of a research are worth, given how many there were: deflated, ranked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from gate.statistics.deflation import deflate
from gate.statistics.moments import moments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.research.steps import Step

SAME_BET: Final = 0.99
"""Correlation of returns from which two studies are one bet."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A trial with what it is worth.

    Attributes
    ----------
    deflated
        The probability that its Sharpe ratio is more than the best of all trials on its data shows
        by luck; none where it cannot be computed.
    same_as
        The number of a better trial whose returns are all but the same.
    """

    step: Step
    deflated: float | None
    same_as: int | None


def rank(
    steps: Sequence[Step], returns: Mapping[int, pl.DataFrame], *, trials: int
) -> list[Ranked]:
    """Rank trials by their deflated Sharpe ratio, then by the ratio itself.

    Parameters
    ----------
    returns
        Number of a trial to ``ts`` and ``net_return``, of those that were traded.
    trials
        How many there were on these data in all, those of others included.

    Notes
    -----
    Look-ahead: looks at the whole research period; for judging, not for trading.
    """
    together = _side_by_side(returns)
    columns = {number: together[str(number)].to_numpy() for number in returns}
    found = {number: moments(series) for number, series in columns.items()}
    sharpes = np.array([one.sharpe for one in found.values() if one is not None])
    matrix = np.column_stack(list(columns.values())) if columns else np.empty((0, 0))
    worth = {
        number: deflate(one, sharpes, matrix, trials).probability
        for number, one in found.items()
        if one is not None
    }
    ordered = sorted(
        steps, key=lambda step: (-worth.get(step.number, -1.0), -step.score, step.number)
    )
    return [
        Ranked(step, worth.get(step.number), _same(step.number, ordered[:place], columns))
        for place, step in enumerate(ordered)
    ]


def _side_by_side(returns: Mapping[int, pl.DataFrame]) -> pl.DataFrame:
    """Lay returns beside each other on the bars that all have."""
    together: pl.DataFrame | None = None
    for number, frame in returns.items():
        column = frame.select("ts", pl.col("net_return").alias(str(number)))
        together = column if together is None else together.join(column, on="ts", how="inner")
    return pl.DataFrame() if together is None else together.sort("ts")


def _same(number: int, better: Sequence[Step], columns: Mapping[int, np.ndarray]) -> int | None:
    own = columns.get(number)
    if own is None or np.ptp(own) == 0:
        return None
    for step in better:
        other = columns.get(step.number)
        if other is not None and np.ptp(other) > 0 and np.corrcoef(own, other)[0, 1] > SAME_BET:
            return step.number
    return None
