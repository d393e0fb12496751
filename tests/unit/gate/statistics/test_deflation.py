"""Sharpe ratios among many: the papers' figures, skfolio's, and what must always hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skfolio.measures import deflated_sharpe_ratio as their_deflated
from skfolio.measures import expected_max_sharpe_ratio as their_maximum
from skfolio.measures import probabilistic_sharpe_ratio as their_probabilistic

from gate.statistics.deflation import deflate, effective_trials, expected_maximum_sharpe
from gate.statistics.moments import Moments, moments
from gate.statistics.probabilistic import minimum_track_record, probabilistic_sharpe

PAPER = Moments(sharpe=2.5 / math.sqrt(250), bars=1250, skewness=-3.0, kurtosis=10.0)
"""The worked example of Bailey and Lopez de Prado (2014): 2.5 a year over five years of days."""


def series(seed: int, bars: int = 700, trials: int = 1, mean: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(5, (bars, trials)) * 0.01 + mean


def test_the_worked_example_to_its_printed_digits():
    hurdle = expected_maximum_sharpe(0.5 / 250, 100)
    assert round(hurdle, 4) == 0.1132
    assert round(probabilistic_sharpe(PAPER, hurdle), 4) == 0.9004


def test_the_worked_example_with_fewer_trials():
    # The paper: with 46 trials instead of 100 the same strategy is at 0.9505.
    assert round(probabilistic_sharpe(PAPER, expected_maximum_sharpe(0.5 / 250, 46)), 4) == 0.9505


@pytest.mark.parametrize("seed", range(6))
def test_probabilistic_and_deflated_as_skfolio(seed):
    family = series(seed, trials=40, mean=0.0004)
    sharpes = family.mean(axis=0) / family.std(axis=0, ddof=1)
    best = family[:, int(sharpes.argmax())]
    found = moments(best)
    assert probabilistic_sharpe(found) == pytest.approx(their_probabilistic(best), rel=1e-12)
    hurdle = expected_maximum_sharpe(np.var(sharpes, ddof=1), len(sharpes))
    assert hurdle == pytest.approx(their_maximum(40, sharpes.std(ddof=1)), rel=1e-9)
    assert probabilistic_sharpe(found, hurdle) == pytest.approx(
        their_deflated(best, sharpes), rel=1e-9
    )


def test_the_shortest_track_record_is_just_long_enough():
    found = moments(series(3, mean=0.001)[:, 0])
    bars = minimum_track_record(found, confidence=0.95)
    exact = Moments(found.sharpe, bars, found.skewness, found.kurtosis)
    assert probabilistic_sharpe(exact) == pytest.approx(0.95, abs=1e-12)


def test_no_track_record_is_long_enough_for_a_loss():
    assert minimum_track_record(Moments(-0.01, 1000, 0.0, 3.0)) == math.inf


@pytest.mark.parametrize("values", [[], [0.01] * 100, [0.1] * 7, [0.01, math.nan] * 50])
def test_a_series_without_information_has_no_moments(values):
    assert moments(np.array(values, dtype=float)) is None


def test_one_trial_has_nothing_to_be_deflated_by():
    family = series(1, mean=0.001)
    found = moments(family[:, 0])
    assert deflate(found, np.array([found.sharpe]), family, 1).hurdle == 0
    assert deflate(found, np.array([found.sharpe]), family, 2).hurdle > 0  # one was aborted


def test_trials_repeated_to_shrink_the_variance_do_not_lower_the_hurdle():
    family = series(2, trials=20)
    sharpes = family.mean(axis=0) / family.std(axis=0, ddof=1)
    found = moments(family[:, int(sharpes.argmax())])
    honest = deflate(found, sharpes, family, 20)
    padded = np.hstack([family, np.repeat(family[:, :1], 980, axis=1)])
    padded_sharpes = padded.mean(axis=0) / padded.std(axis=0, ddof=1)
    diluted = deflate(found, padded_sharpes, padded, 1000)
    paper_alone = expected_maximum_sharpe(np.var(padded_sharpes, ddof=1), 1000)
    assert paper_alone < 0.6 * honest.hurdle  # the attack that is meant
    assert diluted.hurdle > 0.9 * honest.hurdle


def test_aborted_trials_raise_the_hurdle():
    family = series(4, trials=10)
    sharpes = family.mean(axis=0) / family.std(axis=0, ddof=1)
    found = moments(family[:, 0])
    hurdles = [deflate(found, sharpes, family, trials).hurdle for trials in (10, 11, 40, 400)]
    assert hurdles == sorted(set(hurdles))


def test_independent_trials_count_in_full_and_copies_as_one():
    noise = series(5, bars=3000, trials=30)
    assert effective_trials(noise, 30) == pytest.approx(30, abs=0.5)
    assert effective_trials(np.repeat(noise[:, :1], 30, axis=1), 30) == pytest.approx(1)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.floats(-0.002, 0.002))
def test_a_deflated_ratio_never_exceeds_the_probabilistic_one(seed, trials, mean):
    family = series(seed, bars=120, trials=trials, mean=mean)
    sharpes = family.mean(axis=0) / family.std(axis=0, ddof=1)
    found = moments(family[:, 0])
    deflated = deflate(found, sharpes, family, trials)
    assert 0 <= deflated.probability <= probabilistic_sharpe(found) <= 1
