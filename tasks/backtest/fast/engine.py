"""One backtest by the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.backtest.fast.covered import refuse_uncovered
from tasks.backtest.fast.loop import simulate
from tasks.backtest.fast.quotes import lay_out_quotes, rules_of
from tasks.backtest.journal import Journal, fills_table, holdings_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.backtest.problem import Problem


def play(problem: Problem, *, on_progress: Callable[[float], None] | None = None) -> Journal:
    """Trade a problem by the rules of :func:`tasks.backtest.judge.play.play`.

    Parameters
    ----------
    problem
        Market, decisions, steps and spec.
    on_progress
        Called once, when all is done.

    Returns
    -------
    Journal
        Money and holdings at the end of each step, and every fill.

    Raises
    ------
    BadInput
        What the kernels do not cover is refused by name.

    Notes
    -----
    Look-ahead: a step's orders depend on what was decided by the step before, sizes and prices
    on the step's own quotes.
    """
    refuse_uncovered(problem.spec)
    account, cash, holdings, fills = simulate(
        lay_out_quotes(problem),
        rules_of(problem),
        float(problem.spec.account),
        problem.first,
        problem.last,
    )
    if on_progress:
        on_progress(1.0)
    return Journal(account, cash, holdings_table(holdings), fills_table(fills))
