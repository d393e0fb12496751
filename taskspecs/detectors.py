"""What a TaskSpec may say of a detector: one model for each, told apart by `detector`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from configs.section import Section

Watched = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]


class Detector(Section):
    """What all detectors have in common."""

    scope: Literal["symbol", "market"] = "symbol"
    """One detector for each symbol, or one for the market series."""
    cooldown_bars: Annotated[int, Field(ge=0, le=10_000)] = 5
    """Alarms at most so many bars apart are one pattern, reported at the first of them."""


class DriftOfMean(Detector):
    """What detectors of a change of one series' mean have in common."""

    watch: Watched
    """An expression over features, bars and, in scope `market`, market series."""
    warmup_bars: Annotated[int, Field(ge=10, le=10_000)] = 30
    """Bars from which the scale of a new level is learnt; no alarm before."""
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.9
    """Least confidence of a pattern, corrected for autocorrelation and the choice of the cut; 0
    reports all that the detector finds, much of it mere persistence in slow series."""

    @property
    def watched(self) -> tuple[str, ...]:
        """The expressions this detector needs."""
        return (self.watch,)


class Adwin(DriftOfMean):
    """Drift: the mean of one series changed, by an adaptive window (Bifet and Gavalda, 2007)."""

    detector: Literal["adwin"]
    delta: Annotated[float, Field(gt=0, lt=1)] = 0.002
    """Bound on the probability of a false alarm at one step."""


class PageHinkleyTest(DriftOfMean):
    """Drift: the mean of one series changed, by a cumulative sum (Page, 1954)."""

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
    seed: Annotated[int, Field(ge=0)] = 42
    """The draws are made from this seed."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if 2 * self.stat_bars > self.window_bars:
            raise ValueError("stat_bars may be at most half of window_bars")
        return self


class HddmA(DriftOfMean):
    """Drift: the mean changed abruptly, by Hoeffding's bound (Frias-Blanco et al., 2015)."""

    detector: Literal["hddm_a"]
    drift_confidence: Annotated[float, Field(gt=0, lt=1)] = 0.001
    """Bound on the probability of a false alarm at one step."""


class HalfSpaceTreesDetector(Detector):
    """Anomaly: points in thin regions of several series at once (Tan, Ting and Liu, 2011)."""

    detector: Literal["half_space_trees"]
    watch: Annotated[tuple[Watched, ...], Field(min_length=1, max_length=64)]
    """Expressions, one for each dimension."""
    n_trees: Annotated[int, Field(ge=1, le=200)] = 25
    """Trees in the forest; time grows with it."""
    height: Annotated[int, Field(ge=1, le=15)] = 8
    """Splits from a tree's root to a leaf; memory grows with its power of two."""
    window_bars: Annotated[int, Field(ge=10, le=100_000)] = 250
    """Bars after which the trees renew their masses; no alarm before the first window is full."""
    quantile: Annotated[float, Field(gt=0.5, le=0.9999)] = 0.995
    """A score above this quantile of the scores before it is an anomaly."""
    seed: Annotated[int, Field(ge=0)] = 42
    """Where the trees are split is drawn from this seed."""

    @field_validator("watch")
    @classmethod
    def _distinct(cls, watch: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({text for text in watch if watch.count(text) > 1})
        if twice:
            raise ValueError(f"watched twice: {', '.join(twice)}")
        return watch

    @property
    def watched(self) -> tuple[str, ...]:
        """The expressions this detector needs."""
        return self.watch


DetectorSpec = Annotated[
    Adwin | PageHinkleyTest | Kswin | HddmA | HalfSpaceTreesDetector,
    Field(discriminator="detector"),
]
