"""The sales and the purchases of one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.fast.book import Funds, Orders, write
from tasks.backtest.fast.deals import UNBOOKED, bought_amount, fee_of, in_lots
from tasks.backtest.fast.orders import choose
from tasks.backtest.fast.weighing import list_orders, wealth
from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from tasks.backtest.fast.book import Aim, Book, Day
    from tasks.backtest.fast.quotes import Rules

SOLD, BOUGHT = 0.0, 1.0


@compiled
def trade_topk(day: Day, rules: Rules, book: Book, aim: Aim, cash: float) -> Funds:
    """Sell what is dropped, and buy equal values of what replaces it: qlib's TopkDropout.

    What cannot be bought leaves its cash unspent.
    """
    dropped, buying = choose(aim.columns, book.held, rules.topk, rules.n_drop)
    selling = np.flatnonzero(dropped & (book.ages >= rules.hold_bars))
    sales = Orders(selling, book.amounts[selling])
    purse = sell(day, rules, book, sales, Funds(cash, cash, 0))
    each = purse.counted * aim.invested / max(len(buying), 1)
    wanted = np.zeros(len(buying))
    for place in range(len(buying)):
        column = buying[place]
        if day.tradable[column]:
            wanted[place] = in_lots(each / day.buy[column], day.factor[column], rules.trade_unit)
    return buy(day, rules, book, Orders(buying, wanted), purse)


@compiled
def trade_weights(day: Day, rules: Rules, book: Book, aim: Aim, cash: float) -> Funds:
    """Bring what is held to its weights: first all sales, then all purchases."""
    money = aim.invested * wealth(book, cash)
    sales, purchases = list_orders(day, rules, book, aim, money)
    purse = sell(day, rules, book, sales, Funds(cash, cash, 0))
    return buy(day, rules, book, purchases, purse)


@compiled
def sell(day: Day, rules: Rules, book: Book, sales: Orders, purse: Funds) -> Funds:
    """Sell what can be sold, in its order."""
    cash, counted, deals = purse.cash, purse.counted, purse.deals
    for place in range(len(sales.columns)):
        column, amount = sales.columns[place], sales.amounts[place]
        if not day.tradable[column]:
            continue
        current, price = book.amounts[column], day.sell[column]
        if not close_to(amount, current):
            amount = in_lots(min(current, amount), day.factor[column], rules.trade_unit)
        value = amount * price
        fee = fee_of(value, rules.close_cost, rules.min_fee)
        if cash + value < fee:
            continue
        if value <= UNBOOKED:
            counted += value
            continue
        counted += value - fee
        cash += value - fee
        book.held[column] = not close_to(current, value / price)
        book.amounts[column] = current - value / price if book.held[column] else 0.0
        write(book.fills[deals], (float(column), SOLD, amount, price, value, fee))
        deals += 1
    return Funds(cash, counted, deals)


@compiled
def buy(day: Day, rules: Rules, book: Book, purchases: Orders, purse: Funds) -> Funds:
    """Buy what can be bought, in its order, as long as the cash lasts."""
    cash, deals = purse.cash, purse.deals
    for place in range(len(purchases.columns)):
        column, wanted = purchases.columns[place], purchases.amounts[place]
        if not day.tradable[column]:
            continue
        price, factor = day.buy[column], day.factor[column]
        amount = bought_amount(wanted, cash, price, factor, rules)
        value = amount * price
        if value <= UNBOOKED:
            continue
        fee = fee_of(value, rules.open_cost, rules.min_fee)
        if not book.held[column]:
            book.ages[column] = 0.0
        book.held[column] = True
        book.amounts[column] += value / price
        cash -= value + fee
        write(book.fills[deals], (float(column), BOUGHT, amount, price, value, fee))
        deals += 1
    return Funds(cash, purse.counted, deals)


@compiled
def close_to(one: float, other: float) -> bool:
    """Compare as qlib does, by numpy's ``isclose``; `other` is the measure."""
    return abs(one - other) <= 1e-8 + 1e-5 * abs(other)
