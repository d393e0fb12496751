"""A problem as the arrays that kernels read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tasks.backtest.costs.charges import BPS, charge_of, deal_prices
from tasks.backtest.fast.shuffling import draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.backtest.problem import Problem

    Floats = NDArray[np.float64]

NO_PRICE = 1e-8
"""A deal price of no more than this is taken for missing, and the close dealt at: qlib's rule."""


class Quotes(NamedTuple):
    """Prices, where they can be dealt at, and the order of preference.

    Attributes
    ----------
    close, buy, sell, factor
        Float64, a step a row, a symbol a column; slippage is in `buy` and `sell`.
    tradable
        Bool, the same shape: nothing is dealt at a limit, in neither direction.
    offsets, ranked
        Int64: the columns preferred at step `t`, the best first, are
        ``ranked[offsets[t]:offsets[t + 1]]``.
    weights
        Float64: of `ranked`; empty where the strategy has none.
    decided, sold_out
        Bool, a step an element: whether something was decided at it, to be traded at the next;
        and whether everything is sold at it.
    invested
        Float64, a step an element: the share of money that its orders invest.
    """

    close: Floats
    buy: Floats
    sell: Floats
    factor: Floats
    tradable: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    ranked: NDArray[np.int64]
    weights: Floats
    decided: NDArray[np.bool_]
    sold_out: NDArray[np.bool_]
    invested: Floats


class Rules(NamedTuple):
    """The numbers of a strategy and its costs: fractions, money, shares.

    `words` are the random numbers by which orders are shuffled; see
    :mod:`tasks.backtest.fast.shuffling`.
    """

    weighted: bool
    topk: int
    n_drop: int
    hold_bars: int
    open_cost: float
    close_cost: float
    min_fee: float
    trade_unit: int
    words: NDArray[np.int64]


def lay_out_quotes(problem: Problem) -> Quotes:
    """Lay a problem out for the kernels."""
    market = problem.market
    prices = deal_prices(problem.spec.costs, market)
    shut = np.isnan(market.close) | market.blocked_buy | market.blocked_sell
    decisions = problem.decisions
    rows = sorted(decisions.preferences)
    counts = np.zeros(len(market.close) + 1, dtype=np.int64)
    decided = np.zeros(len(market.close), dtype=np.bool_)
    for row in rows:
        counts[row + 1] = len(decisions.preferences[row])
        decided[row] = True
    return Quotes(
        close=np.ascontiguousarray(market.close),
        buy=_priced(prices.buy, market.close),
        sell=_priced(prices.sell, market.close),
        factor=np.ascontiguousarray(market.factor),
        tradable=~shut,
        offsets=np.cumsum(counts),
        ranked=np.concatenate(
            [*(decisions.preferences[row] for row in rows), np.empty(0, np.int64)]
        ).astype(np.int64),
        weights=np.concatenate([*(decisions.weights.get(row, ()) for row in rows), ()]),
        decided=decided,
        sold_out=decisions.sold_out,
        invested=decisions.invested,
    )


def rules_of(problem: Problem) -> Rules:
    """Return the numbers of a problem's strategy."""
    spec, charge = problem.spec, charge_of(problem.spec.costs)
    return Rules(
        weighted=spec.strategy == "weights",
        topk=spec.topk,
        n_drop=spec.n_drop,
        hold_bars=spec.hold_bars,
        open_cost=charge.buy_fee_bps / BPS,
        close_cost=charge.sell_fee_bps / BPS,
        min_fee=float(charge.least_fee),
        trade_unit=spec.trade_unit,
        words=draws(len(problem.market.symbols)),
    )


def _priced(deal: Floats, close: Floats) -> Floats:
    return np.where(deal <= NO_PRICE, close, deal)
