"""Drift of a mean by an adaptive window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from river.drift import ADWIN

from tasks.detection.mean_drift import MeanDriftDetector
from tasks.detection.significance import MIN_SIDE

if TYPE_CHECKING:
    from taskspecs.detectors import Adwin


class AdwinDetector(MeanDriftDetector):
    """Adaptive windowing, compared at every bar (`clock=1`).

    Source: Bifet and Gavalda, "Learning from time-changing data with adaptive windowing", SDM
    2007, as in River.

    ADWIN's bound has a term for values within a range of one, so it is blind to returns of 0.01 and
    trigger-happy on prices of 100: hence the scale (see `mean_drift.MeanDriftDetector`).
    Standardised values exceed a range of one, hence `delta` is a nominal level, no guarantee.

    *Score.* The mean of ADWIN's window, in the unit of the source.
    """

    def __init__(self, spec: Adwin) -> None:
        super().__init__(
            spec, partial(ADWIN, delta=spec.delta, clock=1, min_window_length=MIN_SIDE)
        )
