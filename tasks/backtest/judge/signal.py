"""Preferences in the form in which qlib's strategies ask for scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from qlib.backtest.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class MemorySignal(Signal):  # type: ignore[misc]
    """Scores that fall by one from the best symbol to the worst; none where nothing was decided.

    Only their order counts, and no two are equal.
    """

    def __init__(
        self, preferences: Mapping[int, tuple[str, ...]], labels: Sequence[pd.Timestamp]
    ) -> None:
        self._preferences = {labels[row]: symbols for row, symbols in preferences.items()}

    def get_signal(
        self,
        start_time: pd.Timestamp,
        end_time: pd.Timestamp,  # noqa: ARG002 (a step has one decision)
    ) -> pd.Series[float] | None:
        """Return the scores of the step that begins at `start_time`."""
        symbols = self._preferences.get(start_time)
        if symbols is None:
            return None
        return pd.Series(range(len(symbols), 0, -1), index=list(symbols), dtype="float64")
