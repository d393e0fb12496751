"""What a TaskSpec may say of detectors of anomalies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from taskspecs.detectors.base import Detector, Seed


class ByRank(Detector):
    """What detectors have in common that call a bar an anomaly by the rank of its score."""

    window_bars: Annotated[int, Field(ge=20, le=100_000)] = 250
    """Bars from which medians and scales of the fields are learnt."""
    quantile: Annotated[float, Field(gt=0.5, le=0.9999)] = 0.995
    """A score above this quantile of the scores before it is an anomaly."""


class HalfSpaceTreesDetector(ByRank):
    """Anomaly: points in thin regions of several series at once (Tan, Ting and Liu, 2011)."""

    detector: Literal["half_space_trees"]
    n_trees: Annotated[int, Field(ge=1, le=200)] = 25
    """Trees in the forest; time grows with it."""
    height: Annotated[int, Field(ge=1, le=15)] = 8
    """Splits from a tree's root to a leaf; memory grows with its power of two."""
    window_bars: Annotated[int, Field(ge=10, le=100_000)] = 250
    """Bars after which the trees renew their masses; no alarm before the first window is full."""
    seed: Seed = 42
    """Where the trees are split is drawn from this seed."""


class GaussianScorerDetector(ByRank):
    """Anomaly: values in the tails of a Gaussian over the last bars (River's GaussianScorer)."""

    detector: Literal["gaussian_scorer"]
    grace_bars: Annotated[int, Field(ge=10, le=100_000)] = 100
    """Bars before the Gaussian says anything."""


class OneClassSvmDetector(ByRank):
    """Anomaly: bars outside of the region that holds most (Schoelkopf et al., 2001)."""

    detector: Literal["one_class_svm"]
    nu: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """About the share of bars that is left outside while it learns."""
    n_components: Annotated[int, Field(ge=5, le=1_000)] = 20
    """Random features that stand for the kernel; time grows with it."""
    seed: Seed = 42
    """The features are drawn from this seed."""


class PredictiveDetector(ByRank):
    """Anomaly: bars that a model did not expect (Laptev, Amizadeh and Flint, 2015)."""

    detector: Literal["predictive_anomaly"]
    lags: Annotated[int, Field(ge=1, le=50)] = 2
    """Bars before the present one from which the model predicts it."""
    n_std: Annotated[float, Field(gt=0, le=100)] = 6.0
    """Standard deviations of the squared error above its mean from which a bar is an anomaly."""


class LodaDetector(ByRank):
    """Anomaly: bars that are rare in random projections (Pevny, 2016)."""

    detector: Literal["loda"]
    n_random_cuts: Annotated[int, Field(ge=1, le=1_000)] = 50
    """Projections; time grows with it."""
    n_bins: Annotated[int, Field(ge=3, le=1_000)] = 20
    """Bins of each projection's histogram."""
    seed: Seed = 42
    """The projections are drawn from this seed."""


class EnsembleDetector(Detector):
    """Anomaly: rows that are rare in several views of a series, the default of `patterns scan`."""

    detector: Literal["ensemble"]
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """The score from which a row is an anomaly."""
