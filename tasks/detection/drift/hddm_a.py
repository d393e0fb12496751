"""Drift of a mean by Hoeffding's bound."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from river.drift.binary import HDDMA

from tasks.detection.drift.bounded import BoundedWatch
from tasks.detection.drift.mean_drift import MeanDriftDetector

if TYPE_CHECKING:
    from taskspecs.detectors import HddmA


class HddmADetector(MeanDriftDetector):
    """HDDM with moving averages, for abrupt changes, in both directions.

    Source: Frias-Blanco et al., "Online and non-parametric drift detection methods based on
    Hoeffding's bounds", IEEE TKDE 2015, as in River, given values in [0, 1] (see `bounded`).
    """

    def __init__(self, spec: HddmA) -> None:
        make = partial(HDDMA, drift_confidence=spec.drift_confidence, two_sided_test=True)
        super().__init__(spec, partial(BoundedWatch, make))
