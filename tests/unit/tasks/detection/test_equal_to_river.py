"""What does River's work with less ceremony does it to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from river.anomaly import GaussianScorer, PredictiveAnomalyDetection
from river.cluster import DBSTREAM, STREAMKMeans
from river.feature_extraction import RBFSampler
from river.linear_model import PARegressor

from tasks.detection.anomaly.gaussian_scorer import OneGaussian
from tasks.detection.anomaly.one_class_svm import _GAMMA, Region
from tasks.detection.anomaly.passive_aggressive import SLOWNESS, PassiveAggressive
from tasks.detection.anomaly.predictive import NumpyModel
from tasks.detection.cluster.dbstream import MicroClusters
from tasks.detection.cluster.stream_kmeans import ChunkMeans
from taskspecs.detectors import OneClassSvmDetector


@pytest.fixture(params=["normal", "heavy", "rounded"])
def bars(request: pytest.FixtureRequest) -> np.ndarray:
    rng = np.random.default_rng(3)
    heavy = rng.standard_t(2, size=(1_500, 3))
    drawn = {"normal": rng.normal(size=(1_500, 3)), "heavy": heavy, "rounded": heavy.round()}
    return drawn[request.param]


def test_the_linear_model(bars: np.ndarray) -> None:
    river, ours = PARegressor(C=SLOWNESS, mode=1, eps=0.0), PassiveAggressive(3)
    for before, (value, *_) in zip(bars.tolist(), bars[1:].tolist(), strict=False):
        known = dict(enumerate(before))
        assert river.predict_one(known) == ours.predict_one(before)
        river.learn_one(known, value)
        ours.learn_one(before, value)
    assert any(river.weights.values())


def test_scores_of_predictions(bars: np.ndarray) -> None:
    river, ours = (
        PredictiveAnomalyDetection(model, n_std=3.0)
        for model in (PARegressor(C=SLOWNESS, mode=1, eps=0.0), NumpyModel(3))
    )
    for before, (value, *_) in zip(bars.tolist(), bars[1:].tolist(), strict=False):
        known = dict(enumerate(before))
        assert river.score_one(known, value) == ours.score_one(before, value)
        river.learn_one(known, value)
        ours.learn_one(before, value)


def test_the_linear_model_learns_what_it_has_not_predicted() -> None:
    asked, unasked = PassiveAggressive(1), PassiveAggressive(1)
    for x, y in ([1.0], 2.0), ([1.0], 3.0), ([2.0], -1.0):
        asked.predict_one(x)
        asked.learn_one(x, y)
        unasked.learn_one(x, y)
        assert asked.predict_one([1.0]) == unasked.predict_one([1.0])


def test_k_means(bars: np.ndarray) -> None:
    river = STREAMKMeans(10, 3, halflife=0.2, mu=0.0, sigma=1.0, seed=5)
    ours = ChunkMeans(3, 5)
    for bar in bars.tolist():
        river.learn_one(dict(enumerate(bar)))
        ours.learn_one(dict(enumerate(bar)))
        assert ours.centers == river.centers
    assert len({tuple(centre.values()) for centre in ours.centers.values()}) == 3


def test_micro_clusters(bars: np.ndarray) -> None:
    settings = {"clustering_threshold": 1.0, "fading_factor": 0.01, "cleanup_interval": 10}
    river, ours = DBSTREAM(**settings), MicroClusters(**settings)
    for bar in bars[:400].tolist():
        river.learn_one(dict(enumerate(bar)))
        ours.learn_one(dict(enumerate(bar)))
    assert ours.centers == river.centers
    assert len(ours.micro_clusters) == len(river.micro_clusters) > 3


def test_the_gaussian(bars: np.ndarray) -> None:
    river, ours = GaussianScorer(window_size=50, grace_period=20), OneGaussian(50, 20)
    for value in bars[:, 0].tolist():
        assert ours.score(value) == river.score_one(None, value)
        river.learn_one(None, value)
        ours.learn(value)


def test_random_features(bars: np.ndarray) -> None:
    fields = ("$a", "$b", "$c")
    spec = OneClassSvmDetector(detector="one_class_svm", watch=fields, n_components=8, seed=4)
    river = RBFSampler(_GAMMA / 3, 8, seed=4)
    for deviations, features in Region(spec).inputs(bars[:200]):
        expected = river.transform_one(dict(zip(fields, deviations, strict=True)))
        assert features == expected
        assert list(features) == list(expected)
