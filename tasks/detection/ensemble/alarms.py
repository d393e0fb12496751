"""The ensemble of `patterns scan` as a detector of a TaskSpec."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.ensemble.ensemble import Ensemble
from tasks.detection.ensemble.views import NAMES
from tasks.detection.protocol import Alarm, BlockByBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from taskspecs.detectors import EnsembleDetector


class EnsembleAlarms(BlockByBlock):
    """An ensemble over each field (see `ensemble.Ensemble`); the highest score is the bar's.

    *States.* `prev_state` holds the usual value of each field, `new_state` its value, in the unit
    of the source.

    *Contributors.* Each field's surprise over the sum of the surprises.

    *Metrics.* The surprise of the strangest field in each view, as minus the decimal logarithm of
    its probability.

    *Confidence.* The score, in [0, 1).

    Look-ahead: none; bars up to the present. The times of bars are used where they are known.
    """

    def __init__(self, spec: EnsembleDetector) -> None:
        self._fields = spec.fields
        self._members = [Ensemble(spec.threshold) for _ in self._fields]

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go; see `OnlineDetector.run`."""
        members = self._members
        times: list[float | None] = [None] * len(values)
        if seconds is not None:
            times = [one if isfinite(one) else None for one in seconds.tolist()]
        scores, alarms = [], []
        for row, (bar, time) in enumerate(zip(values.tolist(), times, strict=True)):
            told = [one.step(value, time) for one, value in zip(members, bar, strict=True)]
            score = max(told)[0]
            scores.append(score)
            if any(flag for _, flag in told):
                alarms.append((row, self._alarm(score, bar)))
        return np.array(scores, dtype=float), alarms

    def _alarm(self, score: float, bar: list[float]) -> Alarm:
        members = self._members
        surprises = [one.surprise for one in members]
        strangest = members[int(np.argmax(surprises))]
        total = sum(surprises) or 1.0
        views = zip(NAMES, strangest.by_view, strict=True)
        return Alarm(
            prev_state={
                field: (one.usual, "source")
                for field, one in zip(self._fields, members, strict=True)
            },
            new_state={
                field: (value, "source") for field, value in zip(self._fields, bar, strict=True)
            },
            metrics={"score": (score, "score")}
            | {f"surprise of {name}": (rarity, "decades") for name, rarity in views},
            confidence=score,
            contributors=tuple(
                (field, surprise / total)
                for field, surprise in zip(self._fields, surprises, strict=True)
            ),
        )
