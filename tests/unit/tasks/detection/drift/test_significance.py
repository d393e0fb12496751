from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from tasks.detection.drift.significance import MIN_SIDE, find_cut, judge_change

SERIES = st.lists(st.floats(-1e3, 1e3), min_size=2 * MIN_SIDE, max_size=60).map(np.array)


def residual_squares(values: np.ndarray, cut: int) -> float:
    return sum(float(((side - side.mean()) ** 2).sum()) for side in (values[:cut], values[cut:]))


@given(SERIES)
@settings(deadline=None)
def test_the_cut_leaves_the_least_unexplained(values: np.ndarray) -> None:
    cut = find_cut(values)
    cuts = range(MIN_SIDE, len(values) - MIN_SIDE + 1)
    least = min(residual_squares(values, other) for other in cuts)
    assert residual_squares(values, cut) <= least * (1 + 1e-9) + 1e-6


def test_the_effect_is_in_pooled_deviations() -> None:
    rng = np.random.default_rng(4)
    values = np.r_[rng.normal(0, 1, 400), rng.normal(1, 2, 300)]
    change = judge_change(values)
    before, after = values[: change.cut], values[change.cut :]
    pooled = np.sqrt((before.var(ddof=1) + after.var(ddof=1)) / 2)
    assert change.effect == pytest.approx((after.mean() - before.mean()) / pooled)


def test_alternating_values_have_no_memory_so_the_test_is_welchs_own() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1, 80) * np.where(np.arange(80) % 2, 1, -1) + np.tile([1.0, -1.0], 40)
    values = np.r_[noise[:40], noise[40:] + 1]
    change = judge_change(values)
    assert change.autocorrelation == 0.0
    theirs = ttest_ind(values[: change.cut], values[change.cut :], equal_var=False)
    assert change.p_value == pytest.approx(theirs.pvalue)
    cuts = len(values) - 2 * MIN_SIDE + 1
    assert change.confidence == pytest.approx((1 - theirs.pvalue) ** cuts)


@given(SERIES, st.integers(1, 50))
@settings(deadline=None)
def test_confidence_is_a_share_and_falls_with_every_look(values: np.ndarray, looks: int) -> None:
    once = judge_change(values)
    again = judge_change(values, looks=looks)
    assert 0.0 <= again.confidence <= once.confidence <= 1.0
    assert 0.0 <= once.p_value <= 1.0
    assert 0.0 <= once.autocorrelation < 1.0


@pytest.mark.parametrize("unit", [1e-40, 1e-6, 1e6, 1e40])
def test_the_unit_of_the_series_does_not_matter(unit: float) -> None:
    values = np.random.default_rng(2).normal(size=50)
    values[30:] += 2
    plain, scaled = judge_change(values), judge_change(values * unit)
    assert plain.cut == scaled.cut == 30
    assert scaled.confidence == pytest.approx(plain.confidence)


def test_a_step_without_noise_is_certain() -> None:
    change = judge_change(np.array([1.0] * 20 + [3.0] * 20))
    assert (change.cut, change.confidence, change.p_value) == (20, 1.0, 0.0)
    assert change.effect == np.inf


def test_no_change_at_all_is_no_confidence() -> None:
    assert judge_change(np.ones(20)).confidence == 0.0


def test_what_moves_slowly_is_believed_less() -> None:
    rng = np.random.default_rng(1)
    quick = np.r_[rng.normal(0, 1, 60), rng.normal(1, 1, 60)]
    slow = np.repeat(quick[::4], 4)
    assert judge_change(slow).confidence < judge_change(quick).confidence
