"""What a simulation knows at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Ints = NDArray[np.int64]


class Day(NamedTuple):
    """The quotes of one step, a symbol an element; see :class:`~tasks.backtest.fast.quotes.Quotes`.

    A day in name only: a step may be any bar. `last_close` and `was_tradable` are those of the step
    before.
    """

    close: Floats
    buy: Floats
    sell: Floats
    factor: Floats
    tradable: Flags
    last_close: Floats
    was_tradable: Flags


class Orders(NamedTuple):
    """Columns and amounts, in the order of dealing."""

    columns: Ints
    amounts: Floats


class Aim(NamedTuple):
    """What was decided: columns, the best first, their weights, and the share that is invested."""

    columns: Ints
    weights: Floats
    invested: float


class Book(NamedTuple):
    """What is held, changed in place; a symbol an element.

    Attributes
    ----------
    amounts, prices
        Adjusted amounts, and the last adjusted closes while held.
    held
        Whether any is held.
    ages
        Float64: at the ends of how many steps it was held without a break.
    fills
        The deals of one step: column, side (1 for bought), amount, price, value, fee.
    """

    amounts: Floats
    prices: Floats
    held: Flags
    ages: Floats
    fills: Floats


class Funds(NamedTuple):
    """Money, and how much has been done with it at this step.

    Attributes
    ----------
    cash
        What there is.
    counted
        What the strategy counts on; it includes the value of sales too small to be booked.
    deals
        How many rows of `Book.fills` are written.
    """

    cash: float
    counted: float
    deals: int


@compiled
def write(line: Floats, numbers: tuple[float, ...]) -> None:
    """Fill a line of a table with numbers.

    Parameters
    ----------
    line
        Float64, at least as long as `numbers`.
    numbers
        In order.

    Notes
    -----
    Look-ahead: none; values as they are.
    """
    for place in range(len(numbers)):
        line[place] = numbers[place]
