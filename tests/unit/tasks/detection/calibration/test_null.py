"""Null data keep what they should and lose what they should."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap

from tasks.detection.calibration.hypothesis import without_changes, without_outliers
from tasks.detection.calibration.null import block_length, null_series, resample


def autoregressive(seed: int, memory: float, bars: int = 3_000) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = np.zeros(bars)
    for bar in range(1, bars):
        values[bar] = memory * values[bar - 1] + rng.normal()
    return values[:, None]


def test_blocks_are_a_third_of_the_series():
    assert block_length(np.zeros((900, 2))) == 300
    assert block_length(np.zeros((1, 1))) == 1


def test_series_are_drawn_as_arch_draws_them():
    values = autoregressive(2, 0.5)
    ours = resample(values, 12.0, len(values), np.random.default_rng(7))
    theirs = StationaryBootstrap(12.0, values, seed=np.random.default_rng(7))
    (drawn,) = next(iter(theirs.bootstrap(1)))[0]
    assert (ours == drawn).all()


def test_memory_is_kept_and_marginals_too():
    values = autoregressive(3, 0.8)
    null = resample(values, block_length(values), len(values), np.random.default_rng(0))
    lagged = [np.corrcoef(v[1:, 0], v[:-1, 0])[0, 1] for v in (values, null)]
    assert abs(lagged[0] - lagged[1]) < 0.1
    assert set(null[:, 0]) <= set(values[:, 0])


def test_as_many_bars_as_asked_for_from_all_series_in_turn():
    series = [np.full((100, 1), float(n)) for n in range(3)]
    nulls = list(null_series(series, [1.0] * 3, bars=450, longest=80, rng=np.random.default_rng(1)))
    assert [len(null) for null in nulls] == [80] * 6
    assert sorted({null[0, 0] for null in nulls[:3]}) == [0.0, 1.0, 2.0]


def test_levels_are_taken_out_and_nothing_else():
    rng = np.random.default_rng(4)
    values = rng.normal(size=(900, 1))
    moved = values.copy()
    moved[300:600] += 4
    moved[600:] -= 2
    flat = without_changes(moved)
    parts = [part.mean() for part in np.split(flat[:, 0], [300, 600])]
    assert np.abs(parts).max() < 0.05
    correlation = np.corrcoef(flat[:, 0], values[:, 0])[0, 1]
    assert correlation > 0.98


def test_a_slow_but_stationary_series_keeps_its_wandering():
    values = autoregressive(5, 0.9)
    kept = without_changes(values)
    assert np.corrcoef(kept[:, 0], values[:, 0])[0, 1] > 0.95


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.normal(size=5_000),
        lambda rng: rng.standard_t(3, size=5_000),
        lambda rng: np.exp(rng.normal(size=5_000)),
        lambda rng: rng.exponential(size=5_000),
    ],
    ids=["normal", "student", "lognormal", "exponential"],
)
def test_heavy_or_skewed_tails_are_no_outliers_but_outliers_are(draw):
    values = draw(np.random.default_rng(6))[:, None]
    assert len(values) - len(without_outliers(values)) <= 2
    far = np.vstack([values, np.full((20, 1), 1e6), np.full((20, 1), -1e6)])
    assert np.abs(without_outliers(far)).max() < 1e6


def test_outliers_of_any_field_leave_with_their_bar():
    values = np.random.default_rng(7).normal(size=(500, 2))
    values[[3, 9], [0, 1]] = 100, -100
    assert (without_outliers(values) == np.delete(values, [3, 9], axis=0)).all()


def test_a_field_that_hardly_moves_has_no_fence():
    values = np.zeros((400, 1))
    values[::7] = 5.0
    assert (without_outliers(values) == values).all()
    assert (without_changes(np.zeros((400, 1))) == 0).all()
