"""Drift of a mean by an adaptive window."""

from __future__ import annotations

from functools import partial
from operator import length_hint
from typing import TYPE_CHECKING, Any

from river.drift import ADWIN

from tasks.detection.drift.mean_drift import MeanDriftDetector
from tasks.detection.drift.significance import MIN_SIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskspecs.detectors import Adwin


class Window:
    """River's compiled window, asked without the layer above it, and equal to that bit for bit.

    Parameters
    ----------
    delta
        Nominal probability of a false alarm at one step.
    """

    def __init__(self, delta: float) -> None:
        self._delta = delta
        self._window: Any = self._empty()

    def first_drift(self, values: Sequence[float]) -> int | None:
        """Take values up to the first at which there is a drift, and return its index."""
        left = iter(values)
        if not any(map(self._window.update, left)):
            return None
        self._window = self._empty()
        return len(values) - length_hint(left) - 1

    def _empty(self) -> Any:
        return ADWIN(delta=self._delta, clock=1, min_window_length=MIN_SIDE)._helper  # noqa: SLF001


class AdwinDetector(MeanDriftDetector):
    """Adaptive windowing, compared at every bar (`clock=1`).

    Source: Bifet and Gavalda, "Learning from time-changing data with adaptive windowing", SDM
    2007, as in River.

    ADWIN's bound has a term for values within a range of one, so it is blind to returns of 0.01 and
    trigger-happy on prices of 100: hence the scale (see `mean_drift.MeanDriftDetector`).
    Standardised values exceed a range of one, hence `delta` is a nominal level, no guarantee.
    """

    def __init__(self, spec: Adwin) -> None:
        super().__init__(spec, partial(Window, spec.delta))
