"""Drift of a model's error rate above its least value."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from river.drift.binary import DDM

from tasks.detection.drift.errors import ErrorDriftDetector, ErrorWatch

if TYPE_CHECKING:
    from taskspecs.detectors import Ddm


class DdmDetector(ErrorDriftDetector):
    """The drift detection method.

    Source: Gama, Medas, Castillo and Rodrigues, "Learning with drift detection", SBIA 2004, as in
    River.
    """

    def __init__(self, spec: Ddm) -> None:
        make = partial(DDM, warm_start=spec.warmup_bars, drift_threshold=spec.drift_threshold)
        super().__init__(spec, partial(ErrorWatch, make, spec.error_sigmas, 1))
