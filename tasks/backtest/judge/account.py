"""qlib's account, in an order that does not change from run to run."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from qlib.backtest.account import Account
from qlib.backtest.position import Position

from tasks.backtest.judge.calendar import STEP

if TYPE_CHECKING:
    import pandas as pd


class SortedPosition(Position):
    """Lists what is held in the order of columns.

    qlib lists it in the order of a set, which for names changes with Python's hash seed. Values
    are then summed in another order, and of several symbols held without a score another one is
    sold first: two runs differ, in the last digits or by a percent.
    """

    def get_stock_list(self) -> list[int]:
        """Return the columns of the symbols held, in order."""
        return sorted(super().get_stock_list())

    def __deepcopy__(self, memo: dict[int, Any]) -> SortedPosition:
        """Copy what changes; the strategy asks for it at every step."""
        twin = copy.copy(self)
        twin.position = {
            key: dict(entry) if isinstance(entry, dict) else entry
            for key, entry in self.position.items()
        }
        return twin


class PlainAccount(Account):
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
