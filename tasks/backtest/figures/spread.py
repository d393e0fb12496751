"""What the signal's best symbols earned above its worst: long and short, which qlib cannot hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.costs.charges import charge_of, price_bps
from tasks.backtest.decisions.decisions import due
from tasks.backtest.figures import statistics
from tasks.backtest.figures.sample import Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.backtest.market.periods import Year
    from tasks.backtest.problem import Problem

    Floats = NDArray[np.float64]

RULE = (
    "long the best k, short the worst k (topk, or half of the symbols), equal weights of 1 each, "
    "dealt when the backtest deals, after fees and slippage of both sides, without borrow"
)


def long_short_returns(problem: Problem) -> Floats | None:
    """Return what a long-short portfolio of the scores would have earned, bar by bar.

    At every traded decision the best k symbols are bought and the worst k sold short, with equal
    weights that add up to 1 on each side; k is ``topk``, or half of the symbols that have a score
    and can be traded. The weights are kept until the next one. A bar earns what prices at which one
    deals change from the bar before; a missing change counts as none. Costs are the spec's rates on
    every change of weight; the least fee, lots, borrow and patterns have no part in it.

    Parameters
    ----------
    problem
        Market, rankings and the spec of a backtest.

    Returns
    -------
    numpy.ndarray or None
        Float64, for each traded step; None where no decision has a symbol for each side.

    Notes
    -----
    Look-ahead: element `t` depends on scores before `t` and on prices up to `t`.

    References
    ----------
    The measure is that of qlib's ``long_short_backtest``, which has no costs, and which in version
    0.9.7 calls its exchange with an argument that there is not any more.
    """
    market, spec = problem.market, problem.spec
    weights = np.zeros((len(market.close), len(market.symbols)))
    decided = due(problem.rankings, spec, len(weights))
    rows = sorted(decided)
    for row, until in zip(rows, [*rows[1:], len(weights) - 1], strict=True):
        shut = market.blocked_buy[row + 1] | market.blocked_sell[row + 1]
        columns = decided[row].columns[~shut[decided[row].columns]]
        sides = min(spec.topk, len(columns) // 2)
        if sides:
            weights[row + 1 : until + 1, columns[:sides]] = 1 / sides
            weights[row + 1 : until + 1, columns[-sides:]] = -1 / sides
    if not weights.any():
        return None
    before = np.vstack([np.zeros(weights.shape[1]), weights[:-1]])
    change = weights - before
    charge = charge_of(spec.costs)
    slippage = price_bps(spec.costs, market)
    bought = _paid(np.maximum(change, 0), charge.buy_fee_bps + slippage)
    sold = _paid(np.maximum(-change, 0), charge.sell_fee_bps + slippage)
    earned = np.zeros_like(market.deal)
    earned[1:] = market.deal[1:] / market.deal[:-1] - 1
    gross = (before * np.nan_to_num(earned)).sum(axis=1)
    net: Floats = gross - (bought + sold) / 10_000
    return net[problem.first : problem.last + 1]


def _paid(traded: Floats, bps: Floats | float) -> Floats:
    """Sum up what is paid on each bar, in basis points."""
    if isinstance(bps, float):
        return traded.sum(axis=1) * bps  # type: ignore[no-any-return]
    return (traded * bps).sum(axis=1)  # type: ignore[no-any-return]


def spread_figures(returns: Floats | None, year: Year) -> list[Figure]:
    """Measure a long-short portfolio.

    Parameters
    ----------
    returns
        From `long_short_returns`, one traded step each, as fractions; None where there are none.
    year
        How many bars make a year, and by which rule.

    Returns
    -------
    list
        Return a year, Sharpe ratio and its standard error; empty without returns.

    Notes
    -----
    Look-ahead: looks at the whole period; for judging, not for trading.
    """
    if returns is None:
        return []
    yearly = f"annualised: {year.rule}"
    ratio = statistics.sharpe(returns, year.bars)
    error = statistics.sharpe_error(returns, year.bars)
    mean = float(np.mean(returns)) * year.bars
    return [
        Figure("long_short_annual_return", mean, "fraction", f"additive; {RULE}; {yearly}"),
        Figure("long_short_sharpe", ratio, "ratio", f"{RULE}; {yearly}"),
        Figure("long_short_sharpe_standard_error", error, "ratio", "Lo (2002), annualised"),
    ]
