from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.detection.cluster.change import State, distance
from tasks.detection.registry import build_detector
from taskspecs.detectors import DbStreamDetector, StreamKMeansDetector

FIELDS = ("$a", "$b")
SPECS = [
    StreamKMeansDetector(detector="stream_kmeans", watch=FIELDS),
    DbStreamDetector(detector="dbstream", watch=FIELDS),
]
names = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.detector)


@st.composite
def states(draw) -> State:
    k = draw(st.integers(1, 5))
    numbers = st.floats(-8, 8, allow_nan=False)
    centres = draw(st.lists(st.tuples(numbers, numbers), min_size=k, max_size=k))
    weights = np.array(draw(st.lists(st.floats(0.01, 1), min_size=k, max_size=k)))
    return State(np.array(centres), weights / weights.sum())


@given(states(), states())
def test_the_distance_is_one_and_bounded(one: State, other: State) -> None:
    assert 0.0 <= distance(one, other) < 1.0
    assert distance(one, other) == pytest.approx(distance(other, one), abs=1e-12)
    assert distance(one, one) == pytest.approx(0.0, abs=1e-12)


def test_it_grows_as_one_cluster_moves() -> None:
    here = State(np.zeros((1, 1)), np.ones(1))
    moved = [distance(here, State(np.full((1, 1), d), np.ones(1))) for d in (1.0, 2.0, 3.0)]
    assert np.round(moved, 2).tolist() == [0.29, 0.55, 0.68]


@names
def test_a_split_is_found_and_described(spec) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(2_000, 2)) * [1.0, 1e4]
    values[1_000:, 1] = 1e4 * (np.where(rng.random(1_000) < 0.5, -4, 4) + 0.3 * values[1_000:, 0])
    (bar, alarm), *_ = build_detector(spec).run(values)[1]
    assert 1_000 < bar < 1_200
    shares = dict(alarm.contributors)
    assert shares["$b"] > 0.8
    assert alarm.new_state["clusters"][0] >= 2
    centres = [v for k, (v, _) in alarm.new_state.items() if k.endswith("$b")]
    assert max(map(abs, centres)) > 2e4
    told = [v for k, (v, _) in alarm.new_state.items() if k.endswith("share")]
    assert sum(told) == pytest.approx(1.0)


@names
def test_noise_without_a_change_is_silent(spec) -> None:
    rng = np.random.default_rng(4)
    assert not build_detector(spec).run(rng.standard_t(4, size=(6_000, 2)))[1]
