"""Preferences in the form in which qlib's strategies ask for scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from qlib.backtest.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


class MemorySignal(Signal):
    """Scores that fall by one from the best symbol to the worst; none where nothing was decided.

    Only their order counts, and no two are equal.
    """

    def __init__(
        self, preferences: Mapping[int, NDArray[np.int64]], labels: Sequence[pd.Timestamp]
    ) -> None:
        self._preferences = {labels[row]: columns for row, columns in preferences.items()}

    def get_signal(
        self,
        start_time: pd.Timestamp,
        end_time: pd.Timestamp,
    ) -> pd.Series[float] | None:
        """Return the scores of the step that begins at `start_time`."""
        columns = self._preferences.get(start_time)
        if columns is None:
            return None
        return pd.Series(np.arange(len(columns), 0.0, -1.0), index=columns)
