"""Gradient-boosted trees by LightGBM, as qlib's benchmark uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.signal.models.protocol import Sample
    from taskspecs.models import LightGbmSpec

PASSED_ON = (
    "seed", "learning_rate", "num_leaves", "max_depth", "min_child_samples", "colsample_bytree",
    "subsample", "subsample_freq", "lambda_l1", "lambda_l2",
)  # fmt: skip
"""Keys of the spec that LightGBM knows by the same name."""


class Boosting:
    """LightGBM, stopped by the validation window where there is one.

    Parameters
    ----------
    spec
        Hyperparameters.
    threads
        Of LightGBM.

    Notes
    -----
    `deterministic` and `force_row_wise` make LightGBM give the same trees for any number of
    threads; without them it times both ways of building histograms and takes the faster.

    References
    ----------
    Ke et al. (2017), "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NIPS 30.
    """

    def __init__(self, spec: LightGbmSpec, threads: int) -> None:
        self._spec = spec
        self._threads = threads

    @property
    def parameters(self) -> dict[str, Any]:
        """What LightGBM is told."""
        return {
            "objective": "mse",
            **{name: getattr(self._spec, name) for name in PASSED_ON},
            "num_threads": self._threads,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def fit(self, train: Sample, valid: Sample | None) -> FittedBoosting:
        """Grow trees until the validation window is no longer served by more."""
        own = lightgbm.Dataset(train.features, label=train.labels)
        stopping = self._spec.early_stopping_rounds
        watched: dict[str, Any] = {}
        if valid is not None and stopping is not None:
            watched["valid_sets"] = [own.create_valid(valid.features, label=valid.labels)]
            watched["callbacks"] = [lightgbm.early_stopping(stopping, verbose=False)]
        booster = lightgbm.train(
            self.parameters, own, num_boost_round=self._spec.num_boost_round, **watched
        )
        return FittedBoosting(booster, self._threads)


class FittedBoosting:
    """Grown trees."""

    def __init__(self, booster: lightgbm.Booster, threads: int) -> None:
        self._booster = booster
        self._threads = threads

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Add the trees up to the best one."""
        values = self._booster.predict(features, num_threads=self._threads)
        return np.asarray(values, np.float64)

    @property
    def gain(self) -> NDArray[np.float64]:
        """Each feature's share of what splits on it took from the loss."""
        gains = self._booster.feature_importance("gain", iteration=self.size)
        total = float(gains.sum())
        return np.asarray(gains / total if total > 0 else gains, np.float64)

    @property
    def size(self) -> int:
        """Trees that predict."""
        return int(self._booster.best_iteration) or int(self._booster.num_trees())
