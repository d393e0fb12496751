"""qlib's account, in an order that does not change from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qlib.backtest.account import Account
from qlib.backtest.position import Position

from tasks.backtest.judge.calendar import STEP

if TYPE_CHECKING:
    import pandas as pd


class SortedPosition(Position):  # type: ignore[misc]
    """Lists what is held by name.

    qlib lists it in the order of a set of strings, which changes with Python's hash seed: sells
    are then dealt and values summed in another order, and the last digits differ.
    """

    def get_stock_list(self) -> list[str]:
        """Return the symbols held, in alphabetical order."""
        return sorted(super().get_stock_list())


class PlainAccount(Account):  # type: ignore[misc]
    """Books money and holdings, and leaves out what nobody reads here.

    The benchmark has no part in trading, so qlib need not know it; the statistics of order
    execution are those of a single fill; positions are read after each step.
    """

    def __init__(self, money: float) -> None:
        super().__init__(init_cash=money, freq=STEP, benchmark_config={"benchmark": None})
        self.current_position = SortedPosition(cash=money)

    def update_hist_positions(self, trade_start_time: pd.Timestamp) -> None:
        """Keep no copy of the positions."""

    def update_indicator(self, *args: Any, **kwargs: Any) -> None:
        """Keep no statistics of order execution."""
