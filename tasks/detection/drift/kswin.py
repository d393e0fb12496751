"""Drift of a distribution by the Kolmogorov-Smirnov test."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from river.drift import KSWIN

from tasks.detection.drift.mean_drift import MeanDriftDetector
from tasks.detection.drift.watch import RiverWatch

if TYPE_CHECKING:
    from taskspecs.detectors import Kswin


class KswinDetector(MeanDriftDetector):
    """Kolmogorov-Smirnov windowing.

    Source: Raab, Heusinger and Schleif, "Reactive soft prototype computing for concept drift
    streams", Neurocomputing 2020, as in River, its sampling seeded. Any change of distribution
    makes it look; it speaks when the mean is among what changed.
    """

    def __init__(self, spec: Kswin) -> None:
        make = partial(
            KSWIN, alpha=spec.alpha, window_size=spec.window_bars, stat_size=spec.stat_bars,
            seed=spec.seed,
        )  # fmt: skip
        super().__init__(spec, partial(RiverWatch, make))
