"""Models against oracles on the same matrix: qlib's LightGBM, scikit-learn's least squares."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from tasks.signal.models import linear
from tasks.signal.models.boosting import Boosting
from tasks.signal.models.protocol import Sample
from tasks.signal.models.registry import MODELS, make_model
from taskspecs.models import LightGbmSpec, LinearSpec

ROWS, FEATURES = 3_000, 12


def matrix(rows=ROWS, seed=0, missing=0.03):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, FEATURES)).astype(np.float32)
    y = 0.3 * x[:, 0] - 0.2 * x[:, 1] * x[:, 2] + rng.normal(size=rows)
    x[rng.random(x.shape) < missing] = np.nan
    return Sample(x, y.astype(np.float32))


SMALL = LightGbmSpec(
    kind="lightgbm", lambda_l1=1, lambda_l2=1, num_leaves=8, learning_rate=0.3, num_boost_round=60,
    early_stopping_rounds=5,
)  # fmt: skip
SPECS = {
    "lightgbm": SMALL,
    "lightgbm, rows drawn": SMALL.model_copy(update={"subsample": 0.7, "subsample_freq": 1}),
    "linear": LinearSpec(kind="linear"),
    "ridge": LinearSpec(kind="linear", alpha=5),
}


def fitted(spec, threads=1):
    return make_model(spec, threads).fit(matrix(), matrix(1_000, seed=1))


def digest(model):
    return hashlib.sha256(model.predict(matrix(500, seed=2).features).tobytes()).hexdigest()


def test_every_spec_has_its_model():
    kinds = [get_args(each.model_fields["kind"].annotation) for each in (LightGbmSpec, LinearSpec)]
    assert [(kind,) for kind in MODELS] == kinds


class Handed:
    """A dataset of qlib's that holds these very samples."""

    segments = ("train", "valid", "test")

    def __init__(self, **samples):
        self._samples = samples

    def prepare(self, segment, col_set, data_key):
        sample = self._samples[segment]
        columns = pd.MultiIndex.from_product([["feature"], range(FEATURES)])
        frame = pd.DataFrame(sample.features, columns=columns)
        if col_set == "feature":
            return frame["feature"]
        frame["label", "LABEL0"] = sample.labels
        return frame


def test_trees_are_qlibs_to_the_bit(monkeypatch):
    from qlib.contrib.model import gbdt

    class Unheard:
        log_metrics = staticmethod(lambda **_: None)

    monkeypatch.setattr(gbdt, "R", Unheard)
    parameters = {**Boosting(SMALL, 1).parameters, "loss": "mse"}
    parameters.pop("objective")
    theirs = gbdt.LGBModel(early_stopping_rounds=5, num_boost_round=60, **parameters)
    dataset = Handed(train=matrix(), valid=matrix(1_000, seed=1), test=matrix(500, seed=2))
    theirs.fit(dataset, verbose_eval=0)
    ours = fitted(SMALL)
    assert ours.size == theirs.model.best_iteration > 5
    np.testing.assert_array_equal(
        ours.predict(matrix(500, seed=2).features), theirs.predict(dataset).to_numpy()
    )


@pytest.mark.parametrize(
    ("spec", "oracle"),
    [(SPECS["linear"], LinearRegression(fit_intercept=False)),
     (SPECS["ridge"], Ridge(5, fit_intercept=False))],
)  # fmt: skip
@pytest.mark.parametrize("chunk_rows", [linear.CHUNK_ROWS, 137])
def test_coefficients_are_those_of_the_whole_problem(spec, oracle, chunk_rows, monkeypatch):
    monkeypatch.setattr(linear, "CHUNK_ROWS", chunk_rows)
    train, test = matrix(), matrix(500, seed=2).features
    scale = linear.Scale.of(train.features)
    oracle.fit(scale.apply(train.features), train.labels.astype(float))
    ours = fitted(spec)
    np.testing.assert_allclose(ours.coefficients, oracle.coef_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.predict(test), scale.apply(test) @ oracle.coef_, atol=1e-12)


def test_collinear_features_get_the_least_coefficients():
    sample = matrix(missing=0)
    doubled = Sample(np.hstack([sample.features, sample.features[:, :1]]), sample.labels)
    ours = linear.Linear(SPECS["linear"]).fit(doubled, None)
    scaled = linear.Scale.of(doubled.features).apply(doubled.features)
    least, *_ = np.linalg.lstsq(scaled, doubled.labels.astype(float), rcond=1e-10)
    np.testing.assert_allclose(ours.coefficients, least, atol=1e-9)
    assert ours.coefficients[0] == pytest.approx(ours.coefficients[-1])


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_the_bytes_are_the_same_for_any_number_of_threads(spec):
    one = fitted(spec, 1)
    assert one.size > 5
    other = fitted(spec, 2)
    assert digest(other) == digest(one)
    assert other.gain.tobytes() == one.gain.tobytes()


def test_the_bytes_are_the_same_in_every_process():
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r});"
        "from test_models import SPECS, digest, fitted;"
        "print(*(digest(fitted(spec, 2)) for spec in SPECS.values()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], text=True, capture_output=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "OPENBLAS_NUM_THREADS": "2"},
    )  # fmt: skip
    assert done.stdout.split() == [digest(fitted(spec)) for spec in SPECS.values()]


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_what_every_model_keeps_to(spec):
    sample = matrix()
    before = sample.features.copy()
    model = make_model(spec, 1).fit(sample, matrix(1_000, seed=1))
    np.testing.assert_array_equal(sample.features, before)
    test = matrix(500, seed=2).features
    values = model.predict(test)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    # a row's value depends on that row only
    np.testing.assert_array_equal(model.predict(test[::-1].copy())[::-1], values)
    assert model.gain.sum() == pytest.approx(1)
    assert np.argmax(model.gain) == 0, "the planted feature is the largest"
    for place in np.flatnonzero(model.gain == 0):
        other = test.copy()
        other[:, place] = 99
        np.testing.assert_array_equal(model.predict(other), values)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_nothing_to_learn_is_no_failure(spec):
    x = np.full((300, FEATURES), np.nan, np.float32)
    y = np.zeros(300, np.float32)
    model = make_model(spec, 1).fit(Sample(x, y), Sample(x[:50], y[:50]))
    assert np.ptp(model.predict(x)) == 0
    assert model.gain.sum() == 0


def test_rows_drawn_depend_on_the_seed():
    spec = SPECS["lightgbm, rows drawn"]
    other = spec.model_copy(update={"seed": 1})
    assert digest(fitted(other)) != digest(fitted(spec))
