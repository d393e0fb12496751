"""Drift of a mean by a cumulative sum."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from river.drift import PageHinkley

from tasks.detection.drift.mean_drift import MeanDriftDetector
from tasks.detection.drift.watch import RiverWatch

if TYPE_CHECKING:
    from taskspecs.detectors import PageHinkleyTest


class PageHinkleyDetector(MeanDriftDetector):
    """The Page-Hinkley test, in both directions.

    Source: Page, "Continuous inspection schemes", Biometrika 1954, as in River. `delta` and
    `threshold` are in standard deviations of the level's first bars.
    """

    def __init__(self, spec: PageHinkleyTest) -> None:
        make = partial(
            PageHinkley, min_instances=spec.warmup_bars, delta=spec.delta, threshold=spec.threshold
        )
        super().__init__(spec, partial(RiverWatch, make))
