"""Drift of a mean: a detector says that it changed, least squares when, Welch's test how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasks.detection.level import Level
from tasks.detection.protocol import Alarm, Numbers
from tasks.detection.significance import MeanChange, judge_change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from taskspecs.detectors import DriftOfMean


class MeanDriftDetector:
    """One of River's drift detectors over one standardised series.

    *Scale.* Values enter standardised by a fixed map learnt from the level's first bars (see
    `level.Level`); being fixed, it cannot absorb a drift.

    *Alarm.* Once the detector speaks, the values since the level began are cut by least squares.
    Those before the cut make up `prev_state`, those after it `new_state`: mean and std in the unit
    of the source, and their number. `confidence` and the metrics are explained in
    `significance.judge_change`. Detectors take values for independent, and slow series wander far
    without a change: below `min_confidence` nothing is said, and the next `warmup_bars` bars are
    waited for to make it sure, each look lowering the confidence.

    *After that*, sure or not, the values after the cut begin the next level, which is watched
    again once there are `warmup_bars` of them.

    *Score.* The mean of the level, in the unit of the source.

    Look-ahead: none; bars up to the present.

    Parameters
    ----------
    spec
        What all detectors of a mean's drift have in common.
    make
        Returns a new detector of River's.
    """

    def __init__(self, spec: DriftOfMean, make: Callable[[], Any]) -> None:
        self._spec = spec
        self._level = Level(make, spec.warmup_bars)
        self._looks = 0

    @property
    def score(self) -> float | None:
        """The mean of the level, in the unit of the source; None while its scale is learnt."""
        return self._level.mean

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take the next value of the series."""
        if self._looks:
            self._level.hold(values[0])
        elif not self._level.push(values[0]):
            return None
        return self._judge()

    def _judge(self) -> Alarm | None:
        """Speak if sure, wait if there is hope, else begin a new level in silence."""
        self._looks += 1
        values = self._level.values
        change = judge_change(values, looks=self._looks)
        sure = change.confidence >= self._spec.min_confidence
        if not sure and self._looks <= self._spec.warmup_bars:
            return None
        self._looks = 0
        self._level.restart(values[change.cut :])
        return _describe(values, change, self._spec.watch) if sure else None


def _describe(values: NDArray[np.float64], change: MeanChange, field: str) -> Alarm:
    before, after = values[: change.cut], values[change.cut :]
    return Alarm(
        prev_state=_state(before),
        new_state=_state(after),
        metrics={
            "shift": (float(after.mean() - before.mean()), "source"),
            "effect": (change.effect, "standard deviations"),
            "autocorrelation": (change.autocorrelation, "ratio"),
            "p_value": (change.p_value, "probability"),
        },
        confidence=change.confidence,
        contributors=((field, 1.0),),
        since_bars=len(after) - 1,
    )


def _state(side: NDArray[np.float64]) -> Numbers:
    return {
        "mean": (float(side.mean()), "source"),
        "std": (float(side.std(ddof=1)), "source"),
        "bars": (len(side), "bars"),
    }
