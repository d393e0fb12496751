"""Decisions as simulators carry them out: thinned out, delayed, and as patterns leave them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.decisions.weights import weigh

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tasks.backtest.decisions.preferences import Ranked
    from tasks.backtest.decisions.reactions import Acting
    from tasks.backtest.market.market import Market
    from taskspecs.schema import BacktestSpec

    Floats = NDArray[np.float64]

INVESTED = 0.95
"""The share of money that is invested at one time; the rest waits for costs. qlib's default."""


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What is to be traded; traded at the step after the row.

    Attributes
    ----------
    preferences
        The row of a step, and columns of the market, the best first.
    weights
        With strategy ``weights``: the row of a step, and the weights of these columns.
    invested
        Float64, for each step: the share of money that is invested by its orders.
    sold_out
        Bool, for each step: everything is sold, and nothing bought.
    """

    preferences: Mapping[int, NDArray[np.int64]]
    weights: Mapping[int, Floats]
    invested: Floats
    sold_out: NDArray[np.bool_]


def due(rankings: Mapping[int, Ranked], spec: BacktestSpec, steps: int) -> dict[int, Ranked]:
    """Return the decisions that are traded, by the row before the one at which they are.

    Examples
    --------
    >>> from taskspecs.schema import BacktestSpec
    >>> spec = BacktestSpec(rebalance_bars=3, trade_delay_bars=2)
    >>> list(due({0: None, 2: None, 4: None, 5: None, 8: None}, spec, 9))
    [1, 5]
    """
    kept: dict[int, Ranked] = {}
    last = -spec.rebalance_bars
    for row in sorted(rankings):
        if row - last >= spec.rebalance_bars:
            last = row
            kept[row + spec.trade_delay_bars - 1] = rankings[row]
    return {row: ranked for row, ranked in kept.items() if row + 1 < steps}


def decide(
    rankings: Mapping[int, Ranked], acting: Acting, spec: BacktestSpec, steps: int
) -> Decisions:
    """Choose what is traded when.

    Parameters
    ----------
    rankings
        From :func:`tasks.backtest.decisions.preferences.rank_scores`.
    acting
        From :func:`tasks.backtest.decisions.reactions.react`.
    steps
        How many steps the market has.

    Notes
    -----
    Look-ahead: what is traded at step `t` depends on scores of step `t - trade_delay_bars` and on
    patterns known at the end of step `t - 1`.
    """
    kept = dict(_left(due(rankings, spec, steps), acting, spec))
    weighted = spec.strategy == "weights"
    sold_out = _sold_out(acting, spec, steps)
    invested = np.full(steps, INVESTED)
    if spec.scale_on and spec.scale_on.scope == "market" and acting.scaled is not None:
        invested = np.where(acting.scaled.all(axis=1), INVESTED * spec.scale_on.factor, INVESTED)
    if not weighted:
        preferences = {row: ranked.columns for row, ranked in kept.items() if len(ranked.columns)}
        return Decisions(preferences, {}, invested, sold_out)
    weights = {row: weigh(ranked.scores, spec) for row, ranked in kept.items()}
    preferences = {row: kept[row].columns[: len(weights[row])] for row in kept}
    scaled = {row: _scaled(weights[row], preferences[row], row, acting, spec) for row in kept}
    return Decisions(preferences, scaled, invested, sold_out)


def hold_still(market: Market, acting: Acting, spec: BacktestSpec) -> Market:
    """Block the orders of what is suspended and to be held."""
    rule = spec.suspend_on
    if rule is None or acting.suspended is None or rule.then != "hold":
        return market
    return replace(
        market,
        blocked_buy=market.blocked_buy | acting.suspended,
        blocked_sell=market.blocked_sell | acting.suspended,
    )


def _left(
    kept: Mapping[int, Ranked], acting: Acting, spec: BacktestSpec
) -> Iterator[tuple[int, Ranked]]:
    """Take the scores of suspended symbols away."""
    rule = spec.suspend_on
    for row, ranked in kept.items():
        if rule is None or acting.suspended is None or rule.then == "hold":
            yield row, ranked
        else:
            left = ~acting.suspended[row + 1][ranked.columns]
            yield row, ranked._replace(columns=ranked.columns[left], scores=ranked.scores[left])


def _sold_out(acting: Acting, spec: BacktestSpec, steps: int) -> NDArray[np.bool_]:
    rule = spec.suspend_on
    if rule is None or acting.suspended is None or (rule.scope, rule.then) != ("market", "sell"):
        return np.zeros(steps, dtype=np.bool_)
    everything: NDArray[np.bool_] = np.asarray(acting.suspended.all(axis=1))
    return everything


def _scaled(
    weights: Floats, columns: NDArray[np.int64], row: int, acting: Acting, spec: BacktestSpec
) -> Floats:
    rule = spec.scale_on
    if rule is None or acting.scaled is None or rule.scope != "symbol":
        return weights
    return np.where(acting.scaled[row + 1][columns], weights * rule.factor, weights)
