"""The sales and the purchases that bring what is held to its weights: qlib's weight strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.fast.book import Orders
from tasks.backtest.fast.deals import in_lots
from tasks.backtest.fast.shuffling import shuffled
from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.backtest.fast.book import Aim, Book, Day
    from tasks.backtest.fast.quotes import Rules

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@compiled
def wealth(book: Book, cash: float) -> float:
    """Value the account at the closes of the step before."""
    value = 0.0
    for column in np.flatnonzero(book.held):
        value += book.amounts[column] * book.prices[column]
    return value + cash


@compiled
def targets(day: Day, book: Book, aim: Aim, money: float) -> tuple[Floats, Flags]:
    """Return the amounts that the weights ask for, and which symbols are looked at.

    Sized by the close of the step before, of what can be traded at both steps; what is held and
    cannot, by the last close while held. What is neither is passed over.

    Parameters
    ----------
    day
        Prices and what can be traded of the step and of the one before.
    book
        What is held, with its last prices.
    aim
        Columns and weights of the decision.
    money
        What is to be invested.

    Returns
    -------
    tuple
        Amounts, shape (symbols,); and which symbols are looked at.

    Notes
    -----
    Look-ahead: none; closes of the step before, and whether the step can be traded.
    """
    amounts = np.zeros(len(book.held))
    looked_at = book.held.copy()
    for place in range(len(aim.columns)):
        column = aim.columns[place]
        price = book.prices[column]
        if day.tradable[column] and day.was_tradable[column]:
            price = day.last_close[column]
        elif not book.held[column]:
            continue
        amounts[column] = money * aim.weights[place] / price
        looked_at[column] = True
    return amounts, looked_at


@compiled
def list_orders(
    day: Day, rules: Rules, book: Book, aim: Aim, money: float
) -> tuple[Orders, Orders]:
    """Return what is sold and what is bought."""
    wanted, looked_at = targets(day, book, aim, money)
    order = shuffled(np.flatnonzero(looked_at), rules.words)
    change = np.zeros(len(wanted))
    for column in order[day.tradable[order]]:
        change[column] = difference(
            book.amounts[column], wanted[column], day.factor[column], rules.trade_unit
        )
    selling, buying = order[change[order] < 0], order[change[order] > 0]
    return Orders(selling, -change[selling]), Orders(buying, change[buying])


@compiled
def difference(current: float, wanted: float, factor: float, unit: int) -> float:
    """Return what is to be bought, or below zero sold, in whole lots.

    Where none is wanted all of it is sold, and never more than there is.
    """
    if current < wanted:
        return in_lots(wanted - current, factor, unit)
    if wanted == 0.0:
        return -current
    return max(-in_lots(current - wanted, factor, unit), -current)
