"""qlib's exchange, with quotes that are given to it."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any

import qlib.backtest.exchange
from qlib.backtest.exchange import Exchange
from qlib.config import C
from qlib.constant import REG_US

from tasks.backtest.costs.charges import BPS, charge_of
from tasks.backtest.judge.quote import BUY_PRICE, LIMIT_BUY, LIMIT_SELL, SELL_PRICE

if TYPE_CHECKING:
    from qlib.backtest.high_performance_ds import BaseQuote

    from taskspecs.schema import BacktestSpec


class OwnRandom(threading.local):
    """Python's random numbers, apart from those of the process and of other threads.

    qlib seeds the process's own before it shuffles orders: other threads could come between, and
    whoever draws later in this process would always draw the same.
    """

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 - no secret

    def __getattr__(self, name: str) -> Any:
        return getattr(self._random, name)


qlib.backtest.exchange.random = OwnRandom()


class MemoryExchange(Exchange):
    """Deals at given quotes, with the costs and lots of a spec.

    Limits are given as two fields of the quotes, so qlib's limit by region is never in force.
    """

    def __init__(self, quote: BaseQuote, spec: BacktestSpec) -> None:
        if "trade_unit" not in C:
            C.set_region(REG_US)  # qlib reads the region's lot even where it is given one
        charge = charge_of(spec.costs)
        super().__init__(
            codes=list(quote.get_all_stock()),
            deal_price=(BUY_PRICE, SELL_PRICE),
            limit_threshold=(LIMIT_BUY, LIMIT_SELL),
            open_cost=charge.buy_fee_bps / BPS,
            close_cost=charge.sell_fee_bps / BPS,
            min_cost=charge.least_fee,
            trade_unit=spec.trade_unit,
            quote_cls=lambda _frame, _freq: quote,
        )

    def get_quote_from_qlib(self) -> None:
        """Leave qlib's data alone: the quotes are here already."""
        self.quote_df = None
        self.trade_w_adj_price = False

    def get_real_deal_amount(
        self, current_amount: float, target_amount: float, factor: float | None = None
    ) -> float:
        """Return what is to be bought, or below zero what is to be sold.

        Rounding adds a tenth of a lot. Of a part of a lot, left by a split, qlib would sell more
        than there is, and stop with an error.
        """
        amount: float = super().get_real_deal_amount(current_amount, target_amount, factor)
        return max(amount, -current_amount)

    def _get_buy_amount_by_cash_limit(
        self, trade_price: float, cash: float, cost_ratio: float
    ) -> float:
        """Return what the cash buys; qlib divides by the cost ratio, which may be zero."""
        if cost_ratio:
            amount: float = super()._get_buy_amount_by_cash_limit(trade_price, cash, cost_ratio)
            return amount
        left: float = max(cash - self.min_cost, 0.0)
        return left / trade_price
