from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.report.verdict.estimate import Estimate, estimate_mean
from tasks.signal.summary import newey_west_lags, newey_west_t


def test_the_error_is_the_one_the_t_value_divides_by():
    values = np.random.default_rng(1).normal(0.3, 1.0, 500)
    estimate = estimate_mean(values)
    t_value = newey_west_t(values, newey_west_lags(500, 0))
    assert estimate.value / estimate.error == pytest.approx(t_value)


def test_the_error_is_right_where_the_truth_is_known():
    draws = np.random.default_rng(2).normal(0.0, 1.0, (300, 400))
    errors = [estimate_mean(draw).error for draw in draws]
    assert np.mean(errors) == pytest.approx(draws.mean(axis=1).std(), rel=0.12)


def test_luck_is_called_luck_as_often_as_it_should_be():
    draws = np.random.default_rng(3).normal(0.0, 1.0, (400, 250))
    called = np.mean([estimate_mean(draw).distinguishable for draw in draws])
    assert 0.02 < called < 0.10


def test_undefined_where_nothing_varies():
    assert estimate_mean(np.array([])) is None
    assert estimate_mean(np.array([1.0])) is None
    assert estimate_mean(np.full(50, 0.01)) is None
    assert estimate_mean(np.array([np.nan, 1.0])) is None


@given(st.floats(0.01, 100.0))
def test_scale_does_not_change_the_judgement(factor):
    estimate = Estimate(1.0, 0.6)
    assert estimate.scaled(factor).errors_from_zero == pytest.approx(estimate.errors_from_zero)
