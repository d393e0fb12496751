"""Drift of the distance between a model's errors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from river.drift.binary import EDDM

from tasks.detection.drift.errors import ErrorDriftDetector, ErrorWatch

if TYPE_CHECKING:
    from taskspecs.detectors import Eddm


class EddmDetector(ErrorDriftDetector):
    """The early drift detection method, for gradual changes.

    Source: Baena-Garcia, del Campo-Avila, Fidalgo, Bifet, Gavalda and Morales-Bueno, "Early drift
    detection method", IWKDDS 2006, as in River.
    """

    def __init__(self, spec: Eddm) -> None:
        make = partial(EDDM, warm_start=spec.warmup_bars, beta=spec.beta)
        super().__init__(spec, partial(ErrorWatch, make, spec.error_sigmas, 1))
