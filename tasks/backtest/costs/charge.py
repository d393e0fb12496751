"""What a model of costs charges an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from tasks.backtest.market.market import Market
    from taskspecs.schema import CostsSpec

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Charge:
    """Parts of the cost of an order, in basis points of the traded value, but for `least_fee`.

    Attributes
    ----------
    buy_fee_bps, sell_fee_bps
        The fee of a purchase, and of a sale.
    least_fee
        Of one order, in money: a fee is no less.
    price_bps
        By how much one pays more than the bar's price, and receives less.
    """

    buy_fee_bps: float = 0.0
    sell_fee_bps: float = 0.0
    least_fee: float = 0.0
    price_bps: float = 0.0

    def __add__(self, other: Charge) -> Charge:
        """Return both together."""
        return Charge(
            self.buy_fee_bps + other.buy_fee_bps,
            self.sell_fee_bps + other.sell_fee_bps,
            self.least_fee + other.least_fee,
            self.price_bps + other.price_bps,
        )


@dataclass(frozen=True, slots=True)
class CostModel:
    """A row of the table of models.

    Attributes
    ----------
    keys
        Those of ``backtest.costs`` that it reads.
    charge
        What it charges on every bar.
    price_bps
        What it adds to the price by bar and symbol, a step a row, in basis points; for a model
        that looks at the market. It may know what was known before a step, and the step's own bar.
    """

    keys: frozenset[str]
    charge: Callable[[CostsSpec], Charge]
    price_bps: Callable[[CostsSpec, Market], Floats] | None = None
