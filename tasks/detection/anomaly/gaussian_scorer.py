"""Anomalies: values in the tails of a Gaussian."""

from __future__ import annotations

from math import inf, log
from typing import TYPE_CHECKING, Any

from river.anomaly import GaussianScorer

from tasks.detection.anomaly.by_rank import AlarmsByRank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from taskspecs.detectors import GaussianScorerDetector


class OneGaussian:
    """River's scorer of one series, its distribution asked without the window around it."""

    certain_from = inf

    def __init__(self, window_bars: int, grace_bars: int) -> None:
        scorer: Any = GaussianScorer(window_size=window_bars, grace_period=grace_bars)
        self.grace_bars = grace_bars
        self._gaussian: Any = scorer.gaussian.obj
        self.learn: Callable[[float], None] = scorer.gaussian.update

    def inputs(self, units: NDArray[np.float64]) -> Sequence[float]:
        """Return the numbers of the one field."""
        values: list[float] = units[:, 0].tolist()
        return values

    def parts(self, bar: float, score: float) -> tuple[float, ...]:
        """Return the one field's part: all."""
        return (1.0,)

    def score(self, bar: float) -> float:
        """Return the mass of the Gaussian that is nearer to its mean; 0 while it learns."""
        gaussian = self._gaussian
        if gaussian.n_samples < self.grace_bars:
            return 0.0
        return 2.0 * abs(float(gaussian.cdf(bar)) - 0.5)


class ManyGaussians:
    """A scorer for each field; a bar is as strange as the strangest of its fields."""

    certain_from = inf

    def __init__(self, window_bars: int, grace_bars: int, fields: int) -> None:
        self.grace_bars = grace_bars
        self._scorers = [OneGaussian(window_bars, grace_bars) for _ in range(fields)]

    def inputs(self, units: NDArray[np.float64]) -> Sequence[list[float]]:
        """Return the numbers of each bar."""
        values: list[list[float]] = units.tolist()
        return values

    def parts(self, bar: list[float], score: float) -> tuple[float, ...]:
        """Return minus the logarithm of each field's tail: what it adds to the bar's surprise."""
        scores = (one.score(value) for one, value in zip(self._scorers, bar, strict=True))
        return tuple(-log(max(1e-16, 1.0 - told)) for told in scores)

    def score(self, bar: list[float]) -> float:
        """Return the highest of the fields' scores."""
        return max(one.score(value) for one, value in zip(self._scorers, bar, strict=True))

    def learn(self, bar: list[float]) -> None:
        """Let a bar become part of what is usual."""
        for one, value in zip(self._scorers, bar, strict=True):
            one.learn(value)


class GaussianScorerAlarms(AlarmsByRank):
    """A Gaussian over the last `window_bars` values of each field; the score is 2 |CDF - 0.5|.

    Source: River's GaussianScorer; the rule by rank takes the place of a fixed threshold, so that
    tails heavier than a Gaussian's do not alarm all the time (see `by_rank.AlarmsByRank`).
    """

    def __init__(self, spec: GaussianScorerDetector) -> None:
        fields = len(spec.fields)
        model = (
            OneGaussian(spec.window_bars, spec.grace_bars)
            if fields == 1
            else ManyGaussians(spec.window_bars, spec.grace_bars, fields)
        )
        super().__init__(spec, model)
