"""The sales and the purchases of one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.fast.book import Purse, write
from tasks.backtest.fast.deals import UNBOOKED, bought_amount, fee_of, in_lots
from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.backtest.fast.book import Book, Day
    from tasks.backtest.fast.quotes import Rules

SOLD, BOUGHT = 0.0, 1.0


@compiled
def sell(day: Day, rules: Rules, book: Book, selling: NDArray[np.bool_], purse: Purse) -> Purse:
    """Sell what can be sold of `selling`, in the order of columns."""
    cash, counted, deals = purse.cash, purse.counted, purse.deals
    for column in np.flatnonzero(selling & day.tradable):
        amount, price = book.amounts[column], day.sell[column]
        value = amount * price
        fee = fee_of(value, rules.close_cost, rules.min_fee)
        if cash + value < fee:
            continue
        if value <= UNBOOKED:
            counted += value
            continue
        counted += value - fee
        cash += value - fee
        book.held[column] = False
        book.amounts[column] = 0.0
        write(book.fills[deals], (float(column), SOLD, amount, price, value, fee))
        deals += 1
    return Purse(cash, counted, deals)


@compiled
def buy(day: Day, rules: Rules, book: Book, buying: NDArray[np.int64], purse: Purse) -> Purse:
    """Buy equal values of `buying`, in its order; what cannot be bought leaves its cash unspent."""
    cash, deals = purse.cash, purse.deals
    each = purse.counted * rules.invested / max(len(buying), 1)
    for column in buying:
        if not day.tradable[column]:
            continue
        price, factor = day.buy[column], day.factor[column]
        wanted = in_lots(each / price, factor, rules.trade_unit)
        amount = bought_amount(wanted, cash, price, factor, rules)
        value = amount * price
        if value <= UNBOOKED:
            continue
        fee = fee_of(value, rules.open_cost, rules.min_fee)
        book.held[column] = True
        book.amounts[column] = value / price
        cash -= value + fee
        write(book.fills[deals], (float(column), BOUGHT, amount, price, value, fee))
        deals += 1
    return Purse(cash, purse.counted, deals)
