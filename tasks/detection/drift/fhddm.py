"""Drift of a model's rate of right predictions below its best."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from river.drift.binary import FHDDM

from tasks.detection.drift.errors import ErrorDriftDetector, ErrorWatch

if TYPE_CHECKING:
    from taskspecs.detectors import Fhddm


class FhddmDetector(ErrorDriftDetector):
    """The fast Hoeffding drift detection method, over a sliding window.

    Source: Pesaranghader and Viktor, "Fast Hoeffding drift detection method for evolving data
    streams", ECML PKDD 2016, as in River, which is told what is right, not what is wrong.
    """

    def __init__(self, spec: Fhddm) -> None:
        make = partial(
            FHDDM, sliding_window_size=spec.window_bars, confidence_level=spec.drift_confidence
        )
        super().__init__(spec, partial(ErrorWatch, make, spec.error_sigmas, 0))
