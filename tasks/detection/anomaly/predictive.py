"""Anomalies: bars that a model did not expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from river.anomaly import PredictiveAnomalyDetection

from tasks.detection.anomaly.by_rank import AlarmsByRank
from tasks.detection.anomaly.passive_aggressive import PassiveAggressive
from tasks.detection.scaling.lags import Lags

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tasks.detection.scaling.lags import Pair
    from taskspecs.detectors import PredictiveDetector

_GRACE_BARS = 50
_NO_ERROR = 1e-9


class NumpyModel(PassiveAggressive):
    """Predicts in numpy's numbers, as River's model does, whose squares are rounded otherwise."""

    def predict_one(self, x: Sequence[float]) -> float:
        """Predict a bar from what is known before it, shape (features,)."""
        return np.float64(super().predict_one(x))


class Predictions:
    """River's predictive detector for each field; a bar is as strange as its strangest field."""

    certain_from = 1.0
    grace_bars = _GRACE_BARS

    def __init__(self, spec: PredictiveDetector) -> None:
        fields = len(spec.fields)
        self._lags = Lags(spec.lags, fields)
        models: list[Any] = [NumpyModel(spec.lags * fields) for _ in range(fields)]
        self._detectors: list[Any] = [
            PredictiveAnomalyDetection(model, n_std=spec.n_std) for model in models
        ]

    def inputs(self, units: NDArray[np.float64]) -> Iterator[Pair]:
        """Return each bar with the bars before it."""
        return self._lags.pairs(units)

    def parts(self, bar: Pair, score: float) -> tuple[float, ...]:
        """Return each field's squared error, in squared robust standard deviations."""
        known, values = bar
        return tuple(
            float(one.predictive_model.predict_one(known) - value) ** 2
            for one, value in zip(self._detectors, values, strict=True)
        )

    def score(self, bar: Pair) -> float:
        """Return the highest of the fields' scores."""
        known, values = bar
        scores = [
            _score(one, known, value) for one, value in zip(self._detectors, values, strict=True)
        ]
        return max(scores)

    def learn(self, bar: Pair) -> None:
        """Let a bar become part of what is usual."""
        known, values = bar
        for one, value in zip(self._detectors, values, strict=True):
            one.learn_one(known, value)


def _score(detector: Any, known: list[float], value: float) -> float:
    """Return River's score, but 0 for no error at all, which it ranks above a threshold of 0."""
    told: float = detector.score_one(known, value)
    if told < 1.0 or abs(detector.predictive_model.predict_one(known) - value) >= _NO_ERROR:
        return told
    return 0.0


class OnePrediction(Predictions):
    """The same for a single field, with nothing to choose from."""

    def score(self, bar: Pair) -> float:
        """Return the field's score."""
        known, (value,) = bar
        return _score(self._detectors[0], known, value)

    def learn(self, bar: Pair) -> None:
        """Let a bar become part of what is usual."""
        known, (value,) = bar
        self._detectors[0].learn_one(known, value)


class PredictiveAlarms(AlarmsByRank):
    """A linear model predicts each field from the last bars of all; its error is the anomaly.

    Source: Laptev, Amizadeh and Flint, "Generic and scalable framework for automated time-series
    anomaly detection", KDD 2015, as River's PredictiveAnomalyDetection, whose score is the squared
    error over a threshold, `n_std` standard deviations above its mean, and 1 beyond it. A bar of
    score 1 is an anomaly; the model is `PassiveAggressive`.

    Contributors are the shares of the fields' squared errors.
    """

    def __init__(self, spec: PredictiveDetector) -> None:
        super().__init__(spec, (OnePrediction if len(spec.fields) == 1 else Predictions)(spec))
