"""Quotes by symbol, field and step, from arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qlib.backtest.high_performance_ds import BaseQuote

from tasks.backtest.costs.charges import deal_prices

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from tasks.backtest.market.market import Market
    from taskspecs.schema import CostsSpec

BUY_PRICE = "$deal_buy"
SELL_PRICE = "$deal_sell"
LIMIT_BUY = "limit_buy"
LIMIT_SELL = "limit_sell"


def quote_fields(market: Market, costs: CostsSpec) -> dict[str, NDArray[np.generic]]:
    """Return the fields that qlib's exchange asks for, each a step a row, a symbol a column.

    Slippage is in the price: one pays more than the bar's price and receives less.

    Parameters
    ----------
    market
        Prices and what can be traded, a step a row, a symbol a column.
    costs
        Those of the study; slippage makes prices worse on both sides.

    Returns
    -------
    dict
        qlib's name to an array of shape (steps, symbols).

    Notes
    -----
    Look-ahead: none; row `t` depends on row `t` of the market.
    """
    prices = deal_prices(costs, market)
    return {
        "$close": market.close,
        "$factor": market.factor,
        "$volume": market.volume,
        BUY_PRICE: prices.buy,
        SELL_PRICE: prices.sell,
        LIMIT_BUY: market.blocked_buy,
        LIMIT_SELL: market.blocked_sell,
    }


class ArrayQuote(BaseQuote):
    """Answers for one step at a time, which is all that a simulation step by step asks.

    qlib's own quote class slices a table for every question. Looking a value up gives the same
    bits, and halves the time of a backtest. Symbols go by the numbers of their columns: qlib only
    compares them, and compares numbers quicker than names.

    Parameters
    ----------
    labels
        The name that the calendar gives each row.
    fields
        From :func:`quote_fields`.
    """

    def __init__(
        self,
        labels: Sequence[pd.Timestamp],
        fields: dict[str, NDArray[np.generic]],
    ) -> None:
        self._rows = {label: row for row, label in enumerate(labels)}
        by_symbol = {name: np.ascontiguousarray(values.T) for name, values in fields.items()}
        self._columns = {
            column: {name: values[column].data for name, values in by_symbol.items()}
            for column in range(len(by_symbol["$close"]))
        }

    def get_all_stock(self) -> Collection[int]:
        """Return all symbols."""
        return self._columns.keys()

    def get_data(
        self,
        stock_id: int,
        start_time: pd.Timestamp,
        end_time: pd.Timestamp,
        field: str,
        method: str | None = None,
    ) -> float | bool | None:
        """Return the value of a field at the step that begins at `start_time`."""
        fields = self._columns.get(stock_id)
        if fields is None:
            return None
        value: float | bool = fields[field][self._rows[start_time]]
        return value
