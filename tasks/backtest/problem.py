"""A backtest laid out for a simulator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from configs.errors import BadInput
from tasks.backtest.decisions.decisions import decide, due, hold_still
from tasks.backtest.decisions.preferences import rank_scores
from tasks.backtest.decisions.reactions import react
from tasks.backtest.market.market import prepare_market

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from tasks.backtest.decisions.decisions import Decisions
    from tasks.backtest.decisions.preferences import Ranked
    from tasks.backtest.decisions.reactions import Acting
    from tasks.backtest.market.market import Market
    from taskspecs.frequencies import Frequency
    from taskspecs.schema import BacktestSpec


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a simulator may know, and from what its decisions were made.

    Attributes
    ----------
    market
        Prices, and what can be traded when.
    decisions
        What is to be traded when.
    first, last
        Rows of the first and the last step that is traded, both included.
    spec
        Strategy, costs and account.
    rankings, acting
        Scores in order, and where patterns act.
    """

    market: Market
    decisions: Decisions
    first: int
    last: int
    spec: BacktestSpec
    rankings: Mapping[int, Ranked]
    acting: Acting

    def later(self, bars: int = 1) -> Problem:
        """Return the same, each decision traded so many bars later; patterns act as before."""
        spec = self.spec.model_copy(update={"trade_delay_bars": self.spec.trade_delay_bars + bars})
        moved = decide(self.rankings, self.acting, spec, len(self.market.steps))
        return replace(self, decisions=moved, spec=spec)


def lay_out_problem(
    bars: pl.DataFrame,
    scores: pl.DataFrame,
    spec: BacktestSpec,
    frequency: Frequency,
    zone: str,
    *,
    patterns: pl.DataFrame | None = None,
    market: Callable[[], Market] | None = None,
) -> Problem:
    """Lay out bars, scores and patterns, and choose the steps that are traded.

    The first traded step is that of the first orders, or the first on or after ``spec.start`` if
    that is later: before, there is nothing to act on.

    Parameters
    ----------
    bars
        As for `prepare_market`.
    scores
        As for `rank_scores`.
    spec
        The backtest.
    frequency
        Distance between bars.
    zone
        IANA name of the zone in which days are counted.
    patterns
        As for `react`; None only where nothing reacts to them.
    market
        Returns the market of `bars`; default it is laid out here.

    Returns
    -------
    Problem
        Market, decisions, and the rows of the first and the last traded step.

    Raises
    ------
    BadInput
        When no step is left, and where its parts refuse; see `prepare_market`, `rank_scores`.

    Notes
    -----
    Look-ahead: decisions of step `t` depend on scores and patterns before `t`; which step is the
    first depends on the first scores.
    """
    laid_out = market() if market else prepare_market(bars, spec, frequency, zone)
    rankings = rank_scores(scores, laid_out.steps, laid_out.symbols, frequency, zone)
    return choose_steps(laid_out, rankings, spec, patterns)


def choose_steps(
    market: Market,
    rankings: Mapping[int, Ranked],
    spec: BacktestSpec,
    patterns: pl.DataFrame | None = None,
) -> Problem:
    """Choose the steps that are traded; see :func:`lay_out_problem`.

    Parameters
    ----------
    market
        Laid out.
    rankings
        By the row of a step.
    spec
        The backtest.
    patterns
        As for `react`.

    Returns
    -------
    Problem
        Market, decisions, and the rows of the first and the last traded step.

    Raises
    ------
    BadInput
        No step is left to trade.

    Notes
    -----
    Look-ahead: as of :func:`lay_out_problem`.
    """
    days = market.steps["day"].to_numpy()
    traded = due(rankings, spec, len(days))
    last = len(days) - 1
    if spec.end:
        last = int(np.searchsorted(days, np.datetime64(spec.end), side="right")) - 1
    first = min(traded) + 1 if traded else len(days)
    if spec.start:
        first = max(first, int(np.searchsorted(days, np.datetime64(spec.start), side="left")))
    if first > last:
        raise BadInput(
            f"no bar is left to trade: the first scores stand at {days[min(rankings)]}, traded "
            f"{_bars(spec.trade_delay_bars)} later, and the backtest ends on "
            f"{spec.end or days[-1]}",
            hint="end later, load earlier data, or give the signal shorter windows",
        )
    acting = react(spec, patterns, market.steps, market.symbols)
    return Problem(
        hold_still(market, acting, spec),
        decide(rankings, acting, spec, len(days)),
        first, last, spec, rankings, acting,
    )  # fmt: skip


def _bars(number: int) -> str:
    return f"{number} bar{'s' if number > 1 else ''}"
