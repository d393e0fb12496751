"""Drift of a mean by Hoeffding's bound."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from river.drift.binary import HDDMA

from tasks.detection.mean_drift import MeanDriftDetector

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskspecs.detectors import HddmA

REACH = 3.0
"""Standard deviations either side of the mean that are mapped into [0, 1], as the bound asks."""


class Bounded:
    """One of River's detectors for values in [0, 1], given standardised ones."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._detector = make()

    @property
    def drift_detected(self) -> bool:
        """Whether the last value made the detector speak."""
        return bool(self._detector.drift_detected)

    def update(self, value: float) -> None:
        """Take the next standardised value."""
        self._detector.update(min(1.0, max(0.0, 0.5 + 0.5 * value / REACH)))


class HddmADetector(MeanDriftDetector):
    """HDDM with moving averages, for abrupt changes, in both directions.

    Source: Frias-Blanco et al., "Online and non-parametric drift detection methods based on
    Hoeffding's bounds", IEEE TKDE 2015, as in River.
    """

    def __init__(self, spec: HddmA) -> None:
        make = partial(HDDMA, drift_confidence=spec.drift_confidence, two_sided_test=True)
        super().__init__(spec, partial(Bounded, make))
