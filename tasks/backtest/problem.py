"""A backtest laid out for a simulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from configs.errors import BadInput
from tasks.backtest.market import prepare_market
from tasks.backtest.preferences import rank_scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from tasks.backtest.market import Market
    from taskspecs.schema import BacktestSpec, Frequency

INVESTED = 0.95
"""The share of cash that buys at one time; the rest waits for costs. qlib's own default."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a simulator may know.

    Attributes
    ----------
    market
        Prices, and what can be traded when.
    preferences
        The row of a step, and columns of the market, the best first; traded at the step after.
    first, last
        Rows of the first and the last step that is traded, both included.
    spec
        Strategy, costs and account.
    """

    market: Market
    preferences: Mapping[int, NDArray[np.int64]]
    first: int
    last: int
    spec: BacktestSpec


def lay_out_problem(
    bars: pl.DataFrame,
    scores: pl.DataFrame,
    spec: BacktestSpec,
    frequency: Frequency,
    zone: str,
) -> Problem:
    """Lay out bars and scores, and choose the steps that are traded.

    The first traded step is the one after the first scores, or the first on or after
    ``spec.start`` if that is later: before, there is nothing to act on.

    Raises
    ------
    BadInput
        When no step is left, and where its parts refuse; see `prepare_market`, `rank_scores`.
    """
    market = prepare_market(bars, spec, frequency, zone)
    preferences = rank_scores(scores, market.steps, market.symbols, frequency, zone)
    return choose_steps(market, preferences, spec)


def choose_steps(
    market: Market, preferences: Mapping[int, NDArray[np.int64]], spec: BacktestSpec
) -> Problem:
    """Choose the steps that are traded; see :func:`lay_out_problem`."""
    days = market.steps["day"].to_numpy()
    first = min(preferences) + 1
    if spec.start:
        first = max(first, int(np.searchsorted(days, np.datetime64(spec.start), side="left")))
    last = len(days) - 1
    if spec.end:
        last = int(np.searchsorted(days, np.datetime64(spec.end), side="right")) - 1
    if first > last:
        raise BadInput(
            f"no bar is left to trade: the first scores stand at {days[min(preferences)]}, "
            f"and the backtest ends on {spec.end or days[-1]}",
            hint="end later, load earlier data, or give the signal shorter windows",
        )
    return Problem(market, preferences, first, last, spec)
