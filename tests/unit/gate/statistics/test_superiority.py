"""SPA and PBO: as arch and a plain loop have them, and right on what is known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from arch.bootstrap import SPA
from scipy.stats import rankdata

from gate.statistics.overfitting import overfitting_probability
from gate.statistics.superiority import SEED, superiority


def noise(seed: int, bars: int = 240, trials: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(bars, trials)) * 0.01


def test_the_family_is_judged_as_arch_judges_it():
    excess = noise(0)
    scaled = excess / excess.std(axis=0, ddof=1)
    test = SPA(np.zeros(len(scaled)), -scaled, reps=400, seed=SEED)
    test.compute()
    found = superiority(excess, int(scaled.mean(axis=0).argmax()), repetitions=400)
    assert found.family == found.candidate == float(test.pvalues["consistent"])


def test_a_mediocre_candidate_does_not_pass_by_another_ones_skill():
    excess = noise(1)
    excess[:, 3] += 0.004
    assert superiority(excess, 3, repetitions=300).candidate < 0.02
    worst = int(excess.mean(axis=0).argmin())
    found = superiority(excess, worst, repetitions=300)
    assert found.family < 0.02
    assert found.candidate > 0.5


def test_leverage_wins_nothing():
    excess = noise(2)
    best = int((excess.mean(axis=0) / excess.std(axis=0)).argmax())
    levered = excess.copy()
    levered[:, best] *= 10
    assert superiority(levered, best, repetitions=200) == superiority(excess, best, repetitions=200)


def plain_pbo(returns: np.ndarray, blocks: int) -> float:
    parts = np.array_split(np.arange(len(returns)), blocks)
    below = []
    for half in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[i] for i in half])
        outside = np.setdiff1d(np.arange(len(returns)), inside)
        first, second = returns[inside], returns[outside]
        best = int((first.mean(0) / first.std(0, ddof=1)).argmax())
        rank = rankdata(second.mean(0) / second.std(0, ddof=1))[best]
        below.append(rank / (returns.shape[1] + 1) <= 0.5)
    return float(np.mean(below))


@pytest.mark.parametrize("seed", range(3))
def test_overfitting_as_a_plain_loop_has_it(seed):
    returns = noise(seed, bars=250, trials=7)
    assert overfitting_probability(returns, blocks=8) == pytest.approx(
        plain_pbo(returns, 8), abs=1e-12
    )


def test_a_trial_that_is_always_best_is_not_overfitted():
    returns = noise(3)
    returns[:, 2] += 0.02
    assert overfitting_probability(returns) == 0.0


@pytest.mark.parametrize("shape", [(0, 0), (200, 1), (20, 5)])
def test_too_little_is_no_probability(shape):
    assert overfitting_probability(np.random.default_rng(0).normal(size=shape)) is None
