"""One backtest by qlib."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from qlib.backtest.decision import OrderDir
from qlib.backtest.utils import CommonInfrastructure

from tasks.backtest.journal import Fill, Holding, Journal, fills_table, holdings_table
from tasks.backtest.judge.account import PlainAccount
from tasks.backtest.judge.calendar import MemoryCalendar, MemoryExecutor, label_steps
from tasks.backtest.judge.exchange import MemoryExchange
from tasks.backtest.judge.quote import ArrayQuote, quote_fields
from tasks.backtest.judge.strategy import sell_out, strategy_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from qlib.backtest.decision import Order
    from qlib.backtest.high_performance_ds import BaseQuote

    from tasks.backtest.problem import Problem

    Deal = tuple[Order, float, float, float]


UNBOOKED = 1e-5
"""Deals of no more value than this are not booked by qlib."""


@dataclass(frozen=True, slots=True)
class Notes:
    """A journal while it is being written."""

    account: list[float] = field(default_factory=list)
    cash: list[float] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)

    def journal(self) -> Journal:
        """Return what was written."""
        return Journal(
            np.array(self.account),
            np.array(self.cash),
            holdings_table(self.holdings),
            fills_table(self.fills),
        )


def play(
    problem: Problem,
    *,
    on_progress: Callable[[float], None] | None = None,
    quote: BaseQuote | None = None,
) -> Journal:
    """Let qlib trade a problem.

    Parameters
    ----------
    problem
        Market, decisions, steps and spec.
    on_progress
        Called with the share of steps that are done, 0 to 1.
    quote
        Another quote class of qlib's interface, filled with the same quotes; its labels are
        those of :func:`~tasks.backtest.judge.calendar.label_steps`.

    Returns
    -------
    Journal
        Money and holdings at the end of each step, and every fill.

    Notes
    -----
    Look-ahead: a step's orders depend on what was decided by the step before, sizes and prices
    on the step's own quotes.
    """
    labels = label_steps(problem.market.steps["ts"])
    account = PlainAccount(problem.spec.account)
    infra = CommonInfrastructure(
        trade_account=account,
        trade_exchange=MemoryExchange(quote or quotes_of(problem, labels), problem.spec),
    )
    executor = MemoryExecutor(MemoryCalendar(labels, problem.first, problem.last), infra)
    strategy = strategy_of(problem, labels)
    strategy.reset_common_infra(infra)
    strategy.reset(level_infra=executor.get_level_infra())
    notes = Notes()
    deals: list[Deal] | None = None
    for row in range(problem.first, problem.last + 1):
        strategy.risk_degree = float(problem.decisions.invested[row])
        sold_out = problem.decisions.sold_out[row]
        decision = sell_out(strategy) if sold_out else strategy.generate_trade_decision(deals)
        deals = executor.execute(decision)
        strategy.post_exe_step(deals)
        _enter(notes, row, account, deals)
        if on_progress:
            on_progress((row + 1 - problem.first) / (problem.last + 1 - problem.first))
    return notes.journal()


def quotes_of(problem: Problem, labels: Sequence[pd.Timestamp]) -> ArrayQuote:
    """Return the quotes of a problem."""
    market = problem.market
    fields = quote_fields(market, problem.spec.costs)
    return ArrayQuote(labels[:-1], fields)


def _enter(notes: Notes, row: int, account: PlainAccount, deals: Sequence[Deal]) -> None:
    """Write one step down."""
    position = account.current_position
    notes.account.append(float(account.portfolio_metrics.get_latest_account_value()))
    notes.cash.append(float(position.get_cash()))
    for column in position.get_stock_list():
        held = position.position[column]
        notes.holdings.append(Holding(row, column, float(held["amount"]), float(held["price"])))
    for order, value, fee, price in deals:
        if value > UNBOOKED:
            bought = order.direction == OrderDir.BUY
            amount = float(order.deal_amount)
            notes.fills.append(
                Fill(row, order.stock_id, bought, amount, float(price), float(value), float(fee))
            )
