"""Drift of a mean: a detector says that it changed, least squares when, Welch's test how surely."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.drift.confirmed import ConfirmedDrift
from tasks.detection.drift.level import LONGEST_MEMORY
from tasks.detection.protocol import Alarm, BlockByBlock, Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tasks.detection.drift.confirmed import Confirmed
    from tasks.detection.drift.watch import Watch
    from taskspecs.detectors import DriftOfMean

    Sides = Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
    """The values of each field before the cut, and after it."""


class MeanDriftDetector(BlockByBlock):
    """One of River's drift detectors over each standardised field.

    *Scale.* Values enter standardised by a fixed map learnt from the level's first bars (see
    `level.Level`); being fixed, it cannot absorb a drift.

    *Alarm.* Once the detector speaks of a field, the values since its level began are cut by least
    squares, and the cut is judged (see `confirmed.ConfirmedDrift`); detectors take values for
    independent, and slow series wander far without a change.

    *States.* `prev_state` is of the bars before the cut, `new_state` of those from it on: mean and
    std in the unit of the source, and the number of bars; with several fields, of each by its name.

    *Contributors.* With one field, that field alone. With several, each field's shift at the cut in
    pooled standard deviations, either way, over the sum of them all: the fields share one cut, so a
    field that did not move then has little of it.

    *Score.* The mean of the level, in the unit of the source; with several fields, the farthest
    that any level's mean is from its first bars', in their standard deviations.

    Look-ahead: none; bars up to the present.

    Parameters
    ----------
    spec
        What all detectors of a mean's drift have in common.
    make
        Returns a new detector for standardised values.
    """

    def __init__(self, spec: DriftOfMean, make: Callable[[], Watch]) -> None:
        self._fields = spec.fields
        self._series = [
            ConfirmedDrift(make, spec.warmup_bars, spec.min_confidence, len(self._fields))
            for _ in self._fields
        ]
        self._past = np.empty((0, len(self._fields)))

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go; see `OnlineDetector.run`."""
        if len(self._fields) == 1:
            means, _, told = self._series[0].run(values[:, 0])
            return means, [(one.row, self._alone(one)) for one in told]
        runs = [one.run(column) for one, column in zip(self._series, values.T, strict=True)]
        farthest = np.fmax.reduce([np.abs(shifts) for _, shifts, _ in runs])
        surest: dict[int, Confirmed] = {}
        for one in (one for _, _, told in runs for one in told):
            rival = surest.get(one.row)
            if rival is None or one.change.confidence > rival.change.confidence:
                surest[one.row] = one
        history = np.concatenate([self._past, values])
        first = len(self._past)
        alarms = [
            (row, self._together(surest[row], history[: first + row + 1]))
            for row in sorted(surest)
        ]  # fmt: skip
        self._past = history[-LONGEST_MEMORY:].copy()
        return farthest, alarms

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take one bar's finite values; see `OnlineDetector.step`."""
        if len(values) > 1:
            return super().step(values)
        mean, _, told = self._series[0].step(values[0])
        self._score = None if isnan(mean) else mean
        return None if told is None else self._alone(told)

    def _alone(self, one: Confirmed) -> Alarm:
        sides = {"": (one.before, one.after)}
        return _describe(one, sides, ((self._fields[0], 1.0),))

    def _together(self, one: Confirmed, history: NDArray[np.float64]) -> Alarm:
        """Describe one field's change by what all fields did at its cut."""
        after = history[len(history) - len(one.after) :]
        before = history[: len(history) - len(one.after)][-len(one.before) :]
        sides = {
            f"{field} ": (before[:, i], after[:, i]) for i, field in enumerate(self._fields)
        }  # fmt: skip
        return _describe(one, sides, _shares(self._fields, before, after))


def _describe(one: Confirmed, sides: Sides, contributors: tuple[tuple[str, float], ...]) -> Alarm:
    change = one.change
    metrics = {
        "shift": (float(one.after.mean() - one.before.mean()), "source"),
        "effect": (change.effect, "standard deviations"),
        "autocorrelation": (change.autocorrelation, "ratio"),
        "p_value": (change.p_value, "probability"),
        "corrected_p_value": (change.corrected_p_value, "probability"),
    }
    return Alarm(
        prev_state=_state({name: before for name, (before, _) in sides.items()}),
        new_state=_state({name: after for name, (_, after) in sides.items()}),
        metrics=metrics,
        confidence=change.confidence,
        contributors=contributors,
        since_bars=len(one.after) - 1,
    )


def _state(values: Mapping[str, NDArray[np.float64]]) -> Numbers:
    numbers: dict[str, tuple[float, str]] = {}
    for name, side in values.items():
        numbers[f"{name}mean"] = (float(side.mean()), "source")
        numbers[f"{name}std"] = (float(side.std(ddof=1)), "source")
        numbers["bars"] = (len(side), "bars")
    return numbers


def _shares(
    fields: Sequence[str], before: NDArray[np.float64], after: NDArray[np.float64]
) -> tuple[tuple[str, float], ...]:
    """Return each field's share of the sum of all shifts in pooled standard deviations."""
    moved = np.abs(after.mean(axis=0) - before.mean(axis=0))
    spread = np.sqrt((before.var(axis=0, ddof=1) + after.var(axis=0, ddof=1)) / 2.0)
    least = max(float(spread.max()) * 1e-12, 1e-300)
    shifts = moved / np.maximum(spread, least)
    total = float(shifts.sum()) or 1.0
    return tuple((field, float(s) / total) for field, s in zip(fields, shifts, strict=True))
