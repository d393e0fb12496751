"""What drives River's detectors faster than they drive themselves finds what they find."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from river.drift import ADWIN, PageHinkley

from tasks.detection.drift.adwin import Window
from tasks.detection.drift.errors import ErrorModel
from tasks.detection.drift.page_hinkley import CumulativeSums
from tasks.detection.drift.watch import RiverWatch

PAIRS = {
    "adwin": (partial(ADWIN, delta=0.01, clock=1), partial(Window, 0.01)),
    "page_hinkley": (partial(PageHinkley, 30, 0.1, 5.0), partial(CumulativeSums, 30, 0.1, 5.0)),
}


def drifts(watch, values: list[float]) -> list[int]:
    found, done = [], 0
    while (index := watch.first_drift(values[done:])) is not None:
        done += index + 1
        found.append(done - 1)
    return found


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("seed", range(4))
def test_the_fast_way_is_rivers_way(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = (rng.normal(size=4_000) + np.repeat(rng.normal(0, 1, 8), 500)).tolist()
    river, ours = PAIRS[name]
    expected = drifts(RiverWatch(river), values)
    assert len(expected) > 5
    assert drifts(ours(), values) == expected


def test_a_model_learns_what_can_be_predicted() -> None:
    rng = np.random.default_rng(0)
    values = np.zeros(3_000)
    for bar in range(1, len(values)):
        values[bar] = 0.9 * values[bar - 1] + rng.normal()
    errors = ErrorModel(lags=2, fields=1).errors(values[:, None])
    best = np.sqrt(2 / np.pi)  # the mean absolute error of who knows the law
    assert errors[-1_000:].mean() < 1.1 * best < 0.7 * np.abs(values).mean()
