"""All steps of a backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.fast.book import Aim, Book, Day, Funds, Orders, write
from tasks.backtest.fast.trading import sell, trade_topk, trade_weights
from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.backtest.fast.quotes import Quotes, Rules

    Floats = NDArray[np.float64]

FILL_WIDTH = 7
HOLDING_WIDTH = 4


@compiled
def simulate(
    quotes: Quotes, rules: Rules, money: float, first: int, last: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Trade from step `first` to step `last`, both included.

    Parameters
    ----------
    quotes
        Prices and what can be traded, a step a row, a symbol a column; with the decisions.
    rules
        Costs, lots and the strategy.
    money
        Cash before `first`.
    first, last
        Rows of steps.

    Returns
    -------
    tuple
        Float64: account and cash at the end of each step; holdings at the end of each step (row,
        column, amount, price); fills (row, column, side, amount, price, value, fee).

    Notes
    -----
    Look-ahead: a step's orders depend on what was decided by the step before, sizes and prices on
    the step's own quotes.
    """
    book = open_book(quotes.close.shape[1])
    account, cash = np.empty(last - first + 1), np.empty(last - first + 1)
    holdings, kept = np.empty((1024, HOLDING_WIDTH)), 0
    fills, filled = np.empty((1024, FILL_WIDTH)), 0
    purse = Funds(money, money, 0)
    for row in range(first, last + 1):
        purse = trade(quotes, rules, book, row, purse.cash)
        fills = with_room(fills, filled + purse.deals)
        fills[filled : filled + purse.deals, 0] = row
        fills[filled : filled + purse.deals, 1:] = book.fills[: purse.deals]
        filled += purse.deals
        holdings = with_room(holdings, kept + len(book.held))
        value, count = valued(row, quotes.close[row], book, holdings[kept:])
        kept += count
        account[row - first] = value + purse.cash
        cash[row - first] = purse.cash
    return account, cash, holdings[:kept], fills[:filled]


@compiled
def open_book(columns: int) -> Book:
    """Begin with nothing held; a symbol is sold and bought at most once a step."""
    return Book(
        np.zeros(columns),
        np.zeros(columns),
        np.zeros(columns, dtype=np.bool_),
        np.zeros(columns),
        np.empty((2 * columns, FILL_WIDTH - 1)),
    )


@compiled
def trade(quotes: Quotes, rules: Rules, book: Book, row: int, cash: float) -> Funds:
    """Trade one step; nothing after a step at which nothing was decided."""
    purse = Funds(cash, cash, 0)
    day = day_of(quotes, row)
    if quotes.sold_out[row]:
        held = np.flatnonzero(book.held)
        return sell(day, rules, book, Orders(held, book.amounts[held]), purse)
    if not quotes.decided[row - 1]:
        return purse
    chosen = slice(quotes.offsets[row - 1], quotes.offsets[row])
    aim = Aim(quotes.ranked[chosen], quotes.weights[chosen], quotes.invested[row])
    if rules.weighted:
        return trade_weights(day, rules, book, aim, cash)
    return trade_topk(day, rules, book, aim, cash)


@compiled
def day_of(quotes: Quotes, row: int) -> Day:
    """Return the quotes of one step."""
    return Day(
        quotes.close[row], quotes.buy[row], quotes.sell[row], quotes.factor[row],
        quotes.tradable[row], quotes.close[row - 1], quotes.tradable[row - 1],
    )  # fmt: skip


@compiled
def valued(row: int, close: Floats, book: Book, holdings: Floats) -> tuple[float, int]:
    """Value what is held at the close, or at the last one there was, and write it down.

    Parameters
    ----------
    row
        The step, to be written down.
    close
        Float64, shape (symbols,): closes of the step, NaN where there is none.
    book
        What is held; its last prices and ages are brought up to date.
    holdings
        Float64, shape (room, HOLDING_WIDTH): filled from its beginning.

    Returns
    -------
    tuple
        Money, and how many lines were filled.

    Notes
    -----
    Look-ahead: none; closes of the step and before.
    """
    value, count = 0.0, 0
    for column in np.flatnonzero(book.held):
        if not np.isnan(close[column]):
            book.prices[column] = close[column]
        value += book.amounts[column] * book.prices[column]
        line = (float(row), float(column), book.amounts[column], book.prices[column])
        write(holdings[count], line)
        book.ages[column] += 1
        count += 1
    return value, count


@compiled
def with_room(table: Floats, rows: int) -> Floats:
    """Return a table of at least `rows` rows that begins with the rows of `table`.

    Parameters
    ----------
    table
        Float64, shape (room, width).
    rows
        How many are needed.

    Returns
    -------
    numpy.ndarray
        `table` itself, or a copy of at least twice its length; what follows is not set.

    Notes
    -----
    Look-ahead: none; values as they are.
    """
    if rows <= len(table):
        return table
    larger = np.empty((max(rows, 2 * len(table)), table.shape[1]))
    larger[: len(table)] = table
    return larger
