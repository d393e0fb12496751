"""The score of the Numenta benchmark is that of its paper and its code."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts" / "bench"))

from labelled_series import Labelled
from numenta import _sigmoid, benchmark_score, series_score

WINDOW = (1_000, 1_100)


def scored(*rows: int) -> float:
    series = Labelled("one", np.arange(5_000.0), np.zeros(5_000), (WINDOW,))
    return series_score(series, np.array(rows, dtype=np.int64))[0]


@pytest.mark.parametrize(
    ("position", "worth"), [(-1.0, 0.98661), (0.0, 0.0), (0.45, -0.8093), (3.01, -1.0)]
)
def test_worth_is_the_papers_sigmoid(position: float, worth: float) -> None:
    assert _sigmoid(position) == pytest.approx(worth, abs=1e-4)


def test_the_papers_example() -> None:
    """Figure 2 of Lavin and Ahmad (2015): -1.0 A_FP + 0.9999 A_TP - 0.8093 A_FP - 1.0 A_FP."""
    start, end = WINDOW
    assert scored(900, start, start + 50, end + 45, end + 1_000) == pytest.approx(0.6909, abs=2e-4)


def test_only_the_first_in_a_window_counts_and_late_is_worth_less() -> None:
    start, end = WINDOW
    assert scored(start, start + 1, end) == scored(start)
    assert scored(start) > scored(start + 50) > scored(end) > scored()


def test_what_is_in_probation_is_not_counted() -> None:
    assert scored(10, 700) == scored()


def test_perfect_is_a_hundred_and_silence_nothing() -> None:
    corpus = [Labelled("one", np.arange(5_000.0), np.zeros(5_000), (WINDOW,))]
    perfect = benchmark_score(corpus, [np.array([WINDOW[0]])])
    silent = benchmark_score(corpus, [np.array([], dtype=np.int64)])
    assert perfect["score"] == pytest.approx(100.0)
    assert silent["score"] == 0.0
