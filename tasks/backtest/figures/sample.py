"""What figures are made from, and what one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from tasks.backtest.market.periods import Year


class Figure(NamedTuple):
    """One row of the table; a value of None is a figure that is undefined here."""

    name: str
    value: float | None
    unit: str
    note: str


class Sample(NamedTuple):
    """What figures are made from."""

    equity: pl.DataFrame
    year: Year
    zone: str
    net: NDArray[np.float64]
    benchmark: NDArray[np.float64]
