"""The statistic has the distribution that its authors print, whatever the memory of a series."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.detection.calibration.self_normalised import (
    CRITICAL,
    LEAST_WINDOW_BARS,
    find_level,
    largest_ratio,
    ratio_of,
    seeded_windows,
)


def autoregressive(rng: np.random.Generator, memory: float, bars: int) -> np.ndarray:
    values = rng.normal(size=bars)
    for bar in range(1, bars):
        values[bar] += memory * values[bar - 1]
    return values


def direct(values: np.ndarray, cut: int) -> float:
    """Equation 2 of the paper, term by term."""
    n, whole = len(values), np.cumsum(values)
    left, right = values[:cut], values[cut:]
    before = sum((left[:t].sum() - t / cut * left.sum()) ** 2 for t in range(1, cut + 1))
    after = sum(
        (right[t:].sum() - (n - cut - t) / (n - cut) * right.sum()) ** 2 for t in range(n - cut)
    )
    difference = (whole[cut - 1] - cut / n * whole[-1]) / np.sqrt(n)
    return float(difference**2 / ((before + after) / n**2))


def test_it_is_the_one_of_the_paper():
    values = np.random.default_rng(1).normal(size=90)
    expected = max(direct(values, cut) for cut in range(30, 61))
    assert largest_ratio(values) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_the_printed_critical_values(memory):
    """Shao and Zhang (2010), table 1: 10 % beyond 29.6, 5 % beyond 40.1."""
    rng = np.random.default_rng(2)
    ratios = [largest_ratio(autoregressive(rng, memory, 800)) for _ in range(1_000)]
    assert np.mean(np.array(ratios) > 29.6) == pytest.approx(0.10, abs=0.03)
    assert np.mean(np.array(ratios) > 40.1) == pytest.approx(0.05, abs=0.02)


def test_hardly_any_series_without_a_change_is_cut():
    rng = np.random.default_rng(3)
    largest = [
        max(ratio_of(values[slice(*window)]) for window in seeded_windows(800))
        for values in rng.normal(size=(300, 800))
    ]
    assert np.mean(np.array(largest) >= CRITICAL) <= 0.02


def test_a_level_that_comes_and_goes_is_found():
    values = np.random.default_rng(4).normal(size=1_000)
    values[600:800] += 2.0
    cut = find_level(values)
    assert min(abs(cut - 600), abs(cut - 800)) <= 5


@pytest.mark.parametrize("bars", [60, 250, 1_000, 3_400])
def test_windows_cover_the_series_and_are_not_short(bars):
    windows = seeded_windows(bars)
    assert windows[0] == (0, bars)
    assert all(0 <= begin < end <= bars for begin, end in windows)
    assert all(end - begin >= LEAST_WINDOW_BARS - 1 for begin, end in windows[1:])
    assert len(set(windows)) == len(windows)


@pytest.mark.parametrize("values", [np.zeros(400), np.full(400, 1e9), np.arange(20.0)])
def test_what_never_moves_or_is_short_has_one_level(values):
    assert find_level(values) is None


def test_a_step_without_noise_is_found():
    assert find_level((np.arange(300) >= 120).astype(float)) == 120
