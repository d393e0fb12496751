from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.detection.scaling.ranks import RankWindow
from tasks.detection.scaling.scale import SIGMAS, CausalScale

FINITE = st.floats(-1e50, 1e50)


@given(st.lists(FINITE, min_size=1, max_size=60), st.integers(1, 20), FINITE)
def test_a_window_is_its_last_values_sorted(values: list[float], size: int, probe: float) -> None:
    window = RankWindow(size)
    for value in values:
        window.push(value)
    kept = sorted(values[-size:])
    assert len(window) == len(kept)
    assert [window.nth_largest(n + 1) for n in range(len(kept))] == kept[::-1]
    assert window.count_at_least(probe) == sum(value >= probe for value in kept)
    assert window.at(0.5) == kept[len(kept) // 2]


@given(st.lists(FINITE, min_size=1, max_size=40), FINITE)
def test_whatever_was_seen_a_value_lands_inside(past: list[float], value: float) -> None:
    scale = CausalScale(20)
    for number in past:
        scale.push(number)
    assert 0.0 <= scale.unit(value) <= 1.0
    assert scale.unit(scale.centre) == 0.5


def test_the_reach_is_so_many_robust_deviations() -> None:
    scale = CausalScale(101)
    for number in range(101):
        scale.push(float(number))
    sigma = 50 * 0.7413
    assert scale.unit(50 + SIGMAS * sigma / 2) == pytest.approx(0.75)
    assert scale.unit(50 - 2 * SIGMAS * sigma) == 0.0


def test_with_equal_past_values_any_other_is_at_the_end() -> None:
    scale = CausalScale(10)
    for _ in range(10):
        scale.push(3.0)
    assert [scale.unit(value) for value in (2.9, 3.0, 3.1)] == [0.0, 0.5, 1.0]


def test_where_most_are_equal_the_range_gives_the_scale() -> None:
    scale = CausalScale(10)
    for value in [0.0] * 8 + [1.0, 3.0]:
        scale.push(value)
    assert scale.unit(0.75) == 0.75
