"""Drift of a weighted mean by McDiarmid's bound."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from river.drift.binary import HDDMW

from tasks.detection.drift.bounded import BoundedWatch
from tasks.detection.drift.mean_drift import MeanDriftDetector

if TYPE_CHECKING:
    from taskspecs.detectors import HddmW


class HddmWDetector(MeanDriftDetector):
    """HDDM with exponentially weighted averages, for gradual changes, in both directions.

    Source: Frias-Blanco et al., "Online and non-parametric drift detection methods based on
    Hoeffding's bounds", IEEE TKDE 2015, as in River, given values in [0, 1] (see `bounded`).
    """

    def __init__(self, spec: HddmW) -> None:
        make = partial(
            HDDMW, drift_confidence=spec.drift_confidence, lambda_val=spec.recent_weight,
            two_sided_test=True,
        )  # fmt: skip
        super().__init__(spec, partial(BoundedWatch, make))
