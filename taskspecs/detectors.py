"""What a TaskSpec may say of a detector: one model for each, told apart by `detector`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from configs.section import Section

Watched = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]


class Detector(Section):
    """What all detectors have in common."""

    scope: Literal["symbol", "market"] = "symbol"
    """One detector for each symbol, or one for the market series."""
    cooldown_bars: Annotated[int, Field(ge=0, le=10_000)] = 5
    """Alarms at most so many bars apart are one pattern, reported at the first of them."""


class Adwin(Detector):
    """Drift: the mean of one series changed, by an adaptive window (Bifet and Gavalda, 2007)."""

    detector: Literal["adwin"]
    watch: Watched
    """An expression over features, bars and, in scope `market`, market series."""
    delta: Annotated[float, Field(gt=0, lt=1)] = 0.002
    """Bound on the probability of a false alarm at one step."""
    warmup_bars: Annotated[int, Field(ge=10, le=10_000)] = 30
    """Bars from which the scale of a new level is learnt; no alarm before."""
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.9
    """Least confidence of a pattern, corrected for autocorrelation and the choice of the cut; 0
    reports all that the window finds, much of it mere persistence in slow series."""

    @property
    def watched(self) -> tuple[str, ...]:
        """The expressions this detector needs."""
        return (self.watch,)


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


DetectorSpec = Annotated[Adwin | HalfSpaceTreesDetector, Field(discriminator="detector")]
