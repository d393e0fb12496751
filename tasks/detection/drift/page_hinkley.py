"""Drift of a mean by a cumulative sum."""

from __future__ import annotations

from functools import partial
from math import inf
from operator import length_hint
from typing import TYPE_CHECKING

from tasks.detection.drift.mean_drift import MeanDriftDetector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskspecs.detectors import PageHinkleyTest

_FORGETTING = 1.0 - 0.0001
"""River's own."""


class CumulativeSums:
    """River's PageHinkley over many values at a go, equal to it bit for bit.

    The same sums in local variables: as attributes, looking them up costs more than adding to them.

    Parameters
    ----------
    least
        Values before which there is no drift.
    delta, threshold
        As River's.
    """

    def __init__(self, least: int, delta: float, threshold: float) -> None:
        self._least = least
        self._delta = delta
        self._threshold = threshold
        self._begin()

    def _begin(self) -> None:
        self._n, self._mean = 0.0, 0.0
        self._up, self._down = 0.0, 0.0
        self._lowest, self._highest = inf, -1.0

    def first_drift(self, values: Sequence[float]) -> int | None:
        """Take values up to the first at which there is a drift, and return its index."""
        n, mean, up, down = self._n, self._mean, self._up, self._down
        lowest, highest = self._lowest, self._highest
        least, delta, threshold = self._least, self._delta, self._threshold
        left = iter(values)
        for value in left:
            n += 1.0
            mean += (1.0 / n) * (value - mean)
            away = value - mean
            up = _FORGETTING * up + away - delta
            down = _FORGETTING * down + away + delta
            if up < lowest:  # noqa: PLR1730 - a call costs as much as all of these sums
                lowest = up
            if down > highest:  # noqa: PLR1730
                highest = down
            if (up - lowest > threshold or highest - down > threshold) and n >= least:
                self._begin()
                return len(values) - length_hint(left) - 1
        self._n, self._mean, self._up, self._down = n, mean, up, down
        self._lowest, self._highest = lowest, highest
        return None


class PageHinkleyDetector(MeanDriftDetector):
    """The Page-Hinkley test, in both directions.

    Source: Page, "Continuous inspection schemes", Biometrika 1954, as in River. `delta` and
    `threshold` are in standard deviations of the level's first bars.
    """

    def __init__(self, spec: PageHinkleyTest) -> None:
        super().__init__(
            spec, partial(CumulativeSums, spec.warmup_bars, spec.delta, spec.threshold)
        )
