"""Decisions in the form in which qlib's strategies ask for scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from qlib.backtest.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.backtest.decisions.decisions import Decisions


class MemorySignal(Signal):
    """Numbers that were decided on, by the columns they are for; none where nothing was decided.

    A ranking strategy gets numbers that fall by one from the best symbol to the worst: only their
    order counts, and no two are equal. A weight strategy gets the weights.
    """

    def __init__(self, decisions: Decisions, labels: Sequence[pd.Timestamp]) -> None:
        self._labelled = {labels[row]: row for row in decisions.preferences}
        self._decisions = decisions

    def get_signal(
        self,
        start_time: pd.Timestamp,
        end_time: pd.Timestamp,
    ) -> pd.Series[float] | None:
        """Return the numbers of the step that begins at `start_time`."""
        row = self._labelled.get(start_time)
        if row is None:
            return None
        columns = self._decisions.preferences[row]
        falling = np.arange(len(columns), 0.0, -1.0)
        return pd.Series(self._decisions.weights.get(row, falling), index=columns)
