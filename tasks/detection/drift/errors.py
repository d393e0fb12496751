"""Drift of a model's errors: what could be predicted no longer can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.detection.anomaly.passive_aggressive import PassiveAggressive
from tasks.detection.drift.mean_drift import MeanDriftDetector
from tasks.detection.drift.watch import RiverWatch
from tasks.detection.protocol import Alarm, BlockByBlock
from tasks.detection.scaling.block_scale import FIRST_BARS, Blocks, BlockScale
from tasks.detection.scaling.lags import Lags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tasks.detection.drift.watch import Watch
    from taskspecs.detectors import DriftOfErrors

SCALE_BARS = 250


class ErrorWatch(RiverWatch):
    """One of River's detectors for bits, given standardised absolute errors.

    Parameters
    ----------
    make
        Returns a new detector of River's.
    error_sigmas
        An error counts as one from so many standard deviations above the mean error on.
    bit_of_an_error
        1 for detectors that are told errors, 0 for those that are told what is right.
    """

    def __init__(self, make: Callable[[], Any], error_sigmas: float, bit_of_an_error: int) -> None:
        super().__init__(make)
        self._error_sigmas = error_sigmas
        self._bit_of_an_error = bit_of_an_error

    def first_drift(self, values: Sequence[float]) -> int | None:
        """Take values up to the first at which there is a drift, and return its index."""
        large = np.array(values) >= self._error_sigmas
        return super().first_drift((large == bool(self._bit_of_an_error)).astype(int).tolist())


class ErrorModel:
    """Predicts each field from the last bars of all of them, and says how far off it was.

    A `PassiveAggressive` model for each field over robust deviations from the
    medians of the last 250 bars (see `BlockScale`); each bar is predicted before it is learnt.
    """

    def __init__(self, lags: int, fields: int) -> None:
        self._blocks = Blocks()
        self._scale = BlockScale(SCALE_BARS, fields)
        self._lags = Lags(lags, fields)
        self._models = [PassiveAggressive(lags * fields) for _ in range(fields)]
        self._bars = 0

    def errors(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return absolute errors in the unit of each field; fewer rows, for the first have none."""
        found = [np.empty((0, values.shape[1]))]
        for part in self._blocks.cut(len(values)):
            rows = values[part]
            if self._bars >= FIRST_BARS:
                found.append(self._predict(self._scale.unit(rows)) * self._scale.sigma)
            self._bars += len(rows)
            self._scale.learn(rows)
            if self._blocks.is_full:
                self._scale.renew()
        return np.concatenate(found)

    def _predict(self, units: NDArray[np.float64]) -> NDArray[np.float64]:
        missed: list[float] = []
        keep = missed.append
        methods = [(model.predict_one, model.learn_one) for model in self._models]
        for known, bar in self._lags.pairs(units):
            for (predict, learn), value in zip(methods, bar):  # noqa: B905 - as many fields
                keep(abs(value - predict(known)))
                learn(known, value)
        return np.array(missed, dtype=float).reshape(units.shape)


class ErrorDriftDetector(BlockByBlock):
    """One of River's detectors over the errors of a model that predicts what is watched.

    A linear model predicts each field from the last `lags` bars of all fields (see `ErrorModel`). A
    bar counts as an error where the absolute error is `error_sigmas` standard deviations above the
    mean of its level. When the detector speaks, the absolute errors are cut and judged as in
    `mean_drift.MeanDriftDetector`, which states states, contributors and score: all are of the
    absolute error, in the unit of the source.

    Look-ahead: none; bars up to the present.

    Parameters
    ----------
    spec
        What all detectors of a model's errors have in common.
    make
        Returns a new detector for standardised absolute errors.
    """

    def __init__(self, spec: DriftOfErrors, make: Callable[[], Watch]) -> None:
        self._model = ErrorModel(spec.lags, len(spec.fields))
        self._drift = MeanDriftDetector(spec, make)

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go; see `OnlineDetector.run`."""
        errors = self._model.errors(values)
        without = len(values) - len(errors)
        scores, alarms = self._drift.run(errors)
        return (
            np.concatenate([np.full(without, np.nan), scores]),
            [(without + row, alarm) for row, alarm in alarms],
        )
