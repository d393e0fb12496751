"""Figures of returns, against qlib, skfolio, scipy and by hand."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from qlib.contrib.evaluate import risk_analysis
from scipy.stats import linregress
from skfolio import measures

from tasks.backtest.figures import statistics

YEAR = 252
returns_of_bars = arrays(np.float64, st.integers(2, 60), elements=st.floats(-0.2, 0.25))


@pytest.fixture(scope="module")
def returns():
    return np.random.default_rng(3).normal(0.0006, 0.012, 1_000)


def by_qlib(returns, mode):
    return risk_analysis(pd.Series(returns), N=YEAR, freq=None, mode=mode)["risk"]


def test_growth_and_drawdown_equal_qlib(returns):
    theirs = by_qlib(returns, "product")
    assert statistics.annual_return(returns, YEAR) == pytest.approx(theirs["annualized_return"])
    assert statistics.worst_drawdown(returns).depth == pytest.approx(theirs["max_drawdown"])


def test_ratio_of_risk_equals_qlib(returns):
    theirs = by_qlib(returns, "sum")
    assert statistics.sharpe(returns, YEAR) == pytest.approx(theirs["information_ratio"])
    assert statistics.volatility(returns, YEAR) == pytest.approx(theirs["std"] * math.sqrt(YEAR))


def test_risk_equals_skfolio(returns):
    assert statistics.volatility(returns, YEAR) == pytest.approx(
        measures.standard_deviation(returns) * math.sqrt(YEAR)
    )
    downside = measures.semi_deviation(returns, min_acceptable_return=0, biased=True)
    assert statistics.sortino(returns, YEAR) == pytest.approx(
        measures.mean(returns) / downside * math.sqrt(YEAR)
    )
    falls = measures.get_drawdowns(returns, compounded=True)
    assert statistics.worst_drawdown(returns).depth == pytest.approx(falls.min())


def test_beta_equals_scipy(returns):
    benchmark = np.random.default_rng(5).normal(0, 0.01, len(returns)) + returns / 2
    theirs = linregress(benchmark, returns)
    assert statistics.beta(returns, benchmark) == pytest.approx(theirs.slope)


def test_standard_error_is_that_of_lo_table_2():
    # yearly ratio 1.5 from 60 months: a monthly ratio of 0.433, standard error 0.135
    flat = np.tile([1.0, -1.0], 30)
    returns = flat / np.std(flat, ddof=1) + 1.5 / math.sqrt(12)
    assert statistics.sharpe(returns, 12) == pytest.approx(1.5)
    error = statistics.sharpe_error(returns, 12)
    assert error / math.sqrt(12) == pytest.approx(0.135, abs=0.0005)


def test_error_by_moments_is_that_of_skfolio(returns):
    """skfolio's probabilistic ratio is the normal probability of the ratio over this error."""
    fat = np.where(returns < -0.02, 3 * returns, returns)
    ratio = statistics.sharpe(fat, 1)
    probability = measures.probabilistic_sharpe_ratio(fat)
    z = NormalDist().inv_cdf(probability)
    assert statistics.sharpe_error_by_moments(fat, 1) == pytest.approx(ratio / z, rel=2e-3)
    assert statistics.sharpe_error_by_moments(fat, 1) != pytest.approx(
        statistics.sharpe_error(fat, 1), rel=5e-3
    )


@given(returns_of_bars)
def test_drawdown_by_its_definition(returns):
    fall = statistics.worst_drawdown(returns)
    wealth = np.concatenate([[1], np.cumprod(1 + returns)])
    deepest = min(
        wealth[late] / wealth[early] - 1 for late in range(len(wealth)) for early in range(late + 1)
    )
    assert fall.depth == pytest.approx(deepest, abs=1e-12)
    assert wealth[fall.trough] / wealth[fall.peak] - 1 == pytest.approx(fall.depth, abs=1e-12)
    assert fall.peak <= fall.trough <= fall.end < len(wealth)
    assert fall.recovered == bool((wealth[fall.trough :] >= wealth[fall.peak]).any())


def test_undefined_figures_are_none():
    flat = np.full(10, 0.001)
    assert statistics.sharpe(flat, YEAR) is None
    assert statistics.sharpe_error(flat, YEAR) is None
    assert statistics.sortino(flat, YEAR) is None
    assert statistics.beta(flat, flat) is None
    assert statistics.volatility(flat[:1], YEAR) is None
    assert statistics.sharpe(flat[:1], YEAR) is None


def test_ruin():
    assert statistics.annual_return(np.array([0.1, -1.0, 0.3]), YEAR) == -1.0
