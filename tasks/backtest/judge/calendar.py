"""qlib's trading calendar and executor, over steps that are given to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from qlib.backtest.executor import SimulatorExecutor
from qlib.backtest.utils import TradeCalendarManager

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from qlib.backtest.utils import CommonInfrastructure

STEP = "day"
"""What qlib calls one step; it only counts them, so any frequency will do."""


def label_steps(ts: pl.Series) -> list[pd.Timestamp]:
    """Name steps by the ends of their bars (UTC, zone left out), and one step more.

    qlib asks where a step ends by where the next one begins, for the last step too.

    Parameters
    ----------
    ts
        Datetime us UTC, rising.

    Returns
    -------
    list
        One more than `ts` has.

    Notes
    -----
    Look-ahead: none; times as they are.
    """
    labels = [pd.Timestamp(moment) for moment in ts.dt.replace_time_zone(None).to_list()]
    return [*labels, labels[-1] + pd.Timedelta(days=1)]


class MemoryCalendar(TradeCalendarManager):
    """Goes from step `first` to step `last` of the labels, both included.

    `first` is at least 1: qlib decides by the step before, and before step 0 its list would wrap
    round to the last one.
    """

    def __init__(self, labels: Sequence[pd.Timestamp], first: int, last: int) -> None:
        if not 1 <= first <= last < len(labels) - 1:
            raise ValueError(f"steps {first} to {last} of {len(labels) - 1} cannot be traded")
        self._calendar = labels
        self.start_index = first
        self.end_index = last
        super().__init__(STEP, labels[first], labels[last])

    def reset(
        self,
        freq: str,
        start_time: pd.Timestamp | None = None,
        end_time: pd.Timestamp | None = None,
    ) -> None:
        """Go back to the first step."""
        self.freq = freq
        self.start_time = start_time
        self.end_time = end_time
        self.trade_len = self.end_index - self.start_index + 1
        self.trade_step = 0


class MemoryExecutor(SimulatorExecutor):
    """qlib's simulator, which would read its calendar from a file."""

    def __init__(self, calendar: MemoryCalendar, common_infra: CommonInfrastructure) -> None:
        self._memory_calendar = calendar
        super().__init__(STEP, generate_portfolio_metrics=True, common_infra=common_infra)

    def reset(
        self,
        common_infra: CommonInfrastructure | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the calendar that was given."""
        self.level_infra.reset_infra(trade_calendar=self._memory_calendar)
        super().reset(common_infra=common_infra)
