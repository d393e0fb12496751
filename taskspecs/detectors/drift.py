"""What a TaskSpec may say of detectors of drift."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from taskspecs.detectors.base import Detector, Seed


class DriftOfMean(Detector):
    """What detectors of a change of a mean have in common."""

    warmup_bars: Annotated[int, Field(ge=10, le=10_000)] = 30
    """Bars from which the scale of a new level is learnt; no alarm before."""
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.9
    """Least confidence of a pattern, corrected for autocorrelation and the choice of the cut; 0
    reports all that the detector finds, much of it mere persistence in slow series."""


class Adwin(DriftOfMean):
    """Drift: a mean changed, by an adaptive window (Bifet and Gavalda, 2007)."""

    detector: Literal["adwin"]
    delta: Annotated[float, Field(gt=0, lt=1)] = 0.002
    """Bound on the probability of a false alarm at one step."""


class PageHinkleyTest(DriftOfMean):
    """Drift: a mean changed, by a cumulative sum (Page, 1954)."""

    detector: Literal["page_hinkley"]
    delta: Annotated[float, Field(ge=0, le=10)] = 0.25
    """Changes tolerated, in standard deviations of the level's first bars."""
    threshold: Annotated[float, Field(gt=0, le=10_000)] = 12.0
    """Sum of what exceeds `delta` at which it looks, in the same unit."""


class Kswin(DriftOfMean):
    """Drift: the latest values differ from those before (Raab, Heusinger and Schleif, 2020)."""

    detector: Literal["kswin"]
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.005
    """Level of the Kolmogorov-Smirnov test at one step."""
    window_bars: Annotated[int, Field(ge=20, le=10_000)] = 100
    """Bars that are remembered."""
    stat_bars: Annotated[int, Field(ge=5, le=5_000)] = 30
    """The latest of them, which are compared with as many drawn from the others."""
    seed: Seed = 42
    """The draws are made from this seed."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if 2 * self.stat_bars > self.window_bars:
            raise ValueError("stat_bars may be at most half of window_bars")
        return self


class HddmA(DriftOfMean):
    """Drift: a mean changed abruptly, by Hoeffding's bound (Frias-Blanco et al., 2015)."""

    detector: Literal["hddm_a"]
    drift_confidence: Annotated[float, Field(gt=0, lt=1)] = 0.001
    """Bound on the probability of a false alarm at one step."""


class HddmW(DriftOfMean):
    """Drift: a weighted mean changed, by McDiarmid's bound (Frias-Blanco et al., 2015)."""

    detector: Literal["hddm_w"]
    drift_confidence: Annotated[float, Field(gt=0, lt=1)] = 0.001
    """Bound on the probability of a false alarm at one step."""
    recent_weight: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Weight of the newest value in the average; smaller ones find slower changes."""


class DriftOfErrors(DriftOfMean):
    """What detectors of a model that errs more than before have in common."""

    lags: Annotated[int, Field(ge=1, le=50)] = 2
    """Bars before the present one from which the model predicts it."""
    error_sigmas: Annotated[float, Field(ge=0, le=10)] = 1.0
    """An error counts when it is so many standard deviations above the level's mean error."""


class Ddm(DriftOfErrors):
    """Drift: a model errs more often, by its error rate's least value (Gama et al., 2004)."""

    detector: Literal["ddm"]
    drift_threshold: Annotated[float, Field(gt=0, le=100)] = 3.0
    """Standard deviations of the least error rate by which the rate must exceed it."""


class Eddm(DriftOfErrors):
    """Drift: errors come closer to each other (Baena-Garcia et al., 2006)."""

    detector: Literal["eddm"]
    beta: Annotated[float, Field(gt=0, lt=1)] = 0.9
    """Share of the greatest distance between errors below which it looks."""


class Fhddm(DriftOfErrors):
    """Drift: a model errs more often than in its best window (Pesaranghader and Viktor, 2016)."""

    detector: Literal["fhddm"]
    window_bars: Annotated[int, Field(ge=10, le=10_000)] = 100
    """Bars over which the rate of right predictions is taken."""
    drift_confidence: Annotated[float, Field(gt=0, lt=1)] = 1e-6
    """Bound on the probability of a false alarm at one step."""
