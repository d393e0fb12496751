"""What a simulator hands back: the same from every one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

HOLDING_TYPES = {
    "row": pl.UInt32,
    "column": pl.UInt32,
    "amount": pl.Float64,
    "price": pl.Float64,
}
FILL_TYPES = {
    "row": pl.UInt32,
    "column": pl.UInt32,
    "bought": pl.Boolean,
    "amount": pl.Float64,
    "price": pl.Float64,
    "value": pl.Float64,
    "fee": pl.Float64,
}


class Fill(NamedTuple):
    """An order that was filled; amounts are adjusted (times factor: shares), prices too."""

    row: int
    column: int
    bought: bool
    amount: float
    price: float
    value: float
    fee: float


class Holding(NamedTuple):
    """What is held of a symbol at the end of a step; adjusted amount and last adjusted close."""

    row: int
    column: int
    amount: float
    price: float


@dataclass(frozen=True, slots=True, eq=False)
class Journal:
    """What happened, step by step from `Problem.first`.

    Attributes
    ----------
    account, cash
        Float64, money at the end of each step.
    holdings
        One row for each :class:`Holding`, by step and column.
    fills
        One row for each :class:`Fill`, in the order of the deals.
    """

    account: NDArray[np.float64]
    cash: NDArray[np.float64]
    holdings: pl.DataFrame
    fills: pl.DataFrame

    def same_bits(self, other: Journal) -> bool:
        """Whether another journal tells the same to the last bit."""
        return (
            self.account.tobytes() == other.account.tobytes()
            and self.cash.tobytes() == other.cash.tobytes()
            and self.holdings.equals(other.holdings)
            and self.fills.equals(other.fills)
        )


def holdings_table(rows: ArrayLike) -> pl.DataFrame:
    """Return holdings, given as rows of numbers, as the journal keeps them.

    Parameters
    ----------
    rows
        Shape (n, columns of `HOLDING_TYPES`).

    Returns
    -------
    polars.DataFrame
        With the names and types of `HOLDING_TYPES`.

    Notes
    -----
    Look-ahead: none; values as they are.
    """
    return _table(rows, HOLDING_TYPES)


def fills_table(rows: ArrayLike) -> pl.DataFrame:
    """Return fills, given as rows of numbers, as the journal keeps them.

    Parameters
    ----------
    rows
        Shape (n, columns of `FILL_TYPES`).

    Returns
    -------
    polars.DataFrame
        With the names and types of `FILL_TYPES`.

    Notes
    -----
    Look-ahead: none; values as they are.
    """
    return _table(rows, FILL_TYPES)


def _table(rows: ArrayLike, types: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    numbers = np.asarray(rows, dtype=np.float64).reshape(-1, len(types))
    return pl.DataFrame(
        {
            name: pl.Series(np.ascontiguousarray(numbers[:, place])).cast(kind)
            for place, (name, kind) in enumerate(types.items())
        }
    )
