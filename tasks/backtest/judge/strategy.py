"""qlib's strategies, given what was decided."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from qlib.backtest.decision import Order, TradeDecisionWO
from qlib.contrib.strategy.signal_strategy import TopkDropoutStrategy, WeightStrategyBase

from tasks.backtest.judge.signal import MemorySignal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from qlib.contrib.strategy.signal_strategy import BaseSignalStrategy

    from tasks.backtest.problem import Problem

FOREVER = sys.maxsize
"""Bars to hold where nothing may be dropped: qlib takes "the last 0 of a list" for all of it."""


class TargetWeights(WeightStrategyBase):
    """qlib's weight strategy; the signal holds the weights already.

    Orders are sized by the closes of the step before, which is qlib's default order generator.
    """

    def generate_target_weight_position(
        self, score: pd.Series[float], *_args: Any, **_kwargs: Any
    ) -> dict[int, float]:
        """Return the weights."""
        return dict(zip(score.index.tolist(), score.tolist(), strict=True))


def strategy_of(problem: Problem, labels: Sequence[pd.Timestamp]) -> BaseSignalStrategy:
    """Return qlib's strategy for a problem."""
    signal = MemorySignal(problem.decisions, labels)
    spec = problem.spec
    if spec.strategy == "weights":
        return TargetWeights(signal=signal)
    return TopkDropoutStrategy(
        topk=spec.topk,
        n_drop=spec.n_drop,
        hold_thresh=spec.hold_bars if spec.n_drop else FOREVER,
        signal=signal,
    )


def sell_out(strategy: BaseSignalStrategy) -> TradeDecisionWO:
    """Order to sell all that is held and can be traded."""
    start, end = strategy.trade_calendar.get_step_time(strategy.trade_calendar.get_trade_step())
    position = strategy.trade_position
    orders = [
        Order(column, position.get_stock_amount(column), Order.SELL, start, end)
        for column in position.get_stock_list()
        if strategy.trade_exchange.is_stock_tradable(column, start, end)
    ]
    return TradeDecisionWO(orders, strategy)
