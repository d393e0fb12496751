"""Anomalies: bars outside of the region that holds most bars."""

from __future__ import annotations

from math import cos, inf, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from river.anomaly import OneClassSVM
from river.feature_extraction import RBFSampler

from tasks.detection.anomaly.by_rank import AlarmsByRank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from taskspecs.detectors import OneClassSvmDetector

    Features = dict[tuple[str, int], float]
    Bar = tuple[list[float], Features]
    """Robust deviations of each field, and the random features made of them."""

_SIGMAS_EACH_WAY = 8.0
_GRACE_BARS = 50
_GAMMA = 0.2
"""Of the kernel exp(-gamma d^2 / fields), d in robust standard deviations."""


class Region:
    """River's one-class SVM over random features of a Gaussian kernel.

    A plane over the fields themselves would cut off one side only. The score is the distance from
    the plane, the margin over the length of the weights: both grow for thousands of bars, and bars
    of different times would not compare. A field's part is what the score drops by when the field
    is put back to its median.
    """

    certain_from = inf
    grace_bars = _GRACE_BARS

    def __init__(self, spec: OneClassSvmDetector) -> None:
        self._fields = spec.fields
        sampler: Any = RBFSampler(
            gamma=_GAMMA / len(self._fields), n_components=spec.n_components, seed=spec.seed
        )
        self._weights = np.array([sampler.weights[field] for field in self._fields])
        self._offsets = np.array(sampler.offsets)
        self._names = [(field, i) for field in self._fields for i in range(spec.n_components)]
        self._svm: Any = OneClassSVM(nu=spec.nu)

    def inputs(self, units: NDArray[np.float64]) -> Iterator[Bar]:
        """Return each bar with its random features."""
        deviations = (units - 0.5) * (2.0 * _SIGMAS_EACH_WAY)
        return zip(deviations.tolist(), self._features(deviations), strict=True)

    def _features(self, deviations: NDArray[np.float64]) -> Iterator[Features]:
        """Yield what River's sampler returns, its angles computed for all bars at a go."""
        names = self._names
        angles = deviations[:, :, None] * self._weights + self._offsets
        for row in angles.reshape(len(deviations), -1).tolist():
            yield dict(zip(names, map(cos, row)))  # noqa: B905 - as many names as angles

    def parts(self, bar: Bar, score: float) -> tuple[float, ...]:
        """Return what the score drops by without each field; all for a single field."""
        if len(self._fields) == 1:
            return (1.0,)
        without = np.where(np.eye(len(self._fields), dtype=bool), 0.0, bar[0])
        scores = map(self.score, zip(without.tolist(), self._features(without), strict=True))
        return tuple(max(0.0, score - other) for other in scores)

    def score(self, bar: Bar) -> float:
        """Return how far a bar is on the wrong side of the plane."""
        svm = self._svm
        weights = svm._weights  # noqa: SLF001 - `weights` would copy them
        length = sqrt(weights @ weights) or 1.0
        return -float(svm.score_one(bar[1])) / length

    def learn(self, bar: Bar) -> None:
        """Let a bar become part of what is usual."""
        self._svm.learn_one(bar[1])


class OneClassSvmAlarms(AlarmsByRank):
    """A one-class SVM with a Gaussian kernel, learnt by stochastic gradients.

    Source: Schoelkopf, Platt, Shawe-Taylor, Smola and Williamson, "Estimating the support of a
    high-dimensional distribution", Neural Computation 2001, and Rahimi and Recht, "Random features
    for large-scale kernel machines", NIPS 2007, as in River. The rule is that of
    `by_rank.AlarmsByRank`.
    """

    def __init__(self, spec: OneClassSvmDetector) -> None:
        super().__init__(spec, Region(spec))
