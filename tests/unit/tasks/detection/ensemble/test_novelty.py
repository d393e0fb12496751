from __future__ import annotations

import pickle
from math import log

import numpy as np
import pytest

from tasks.detection.ensemble.memory import MEMORY_ROWS, Memory
from tasks.detection.ensemble.mixture import MIXTURE_ROWS, Mixture
from tasks.detection.ensemble.nearest import EVERY_ROWS, Nearest
from tasks.detection.ensemble.shape import SHAPE_ROWS, Shape


@pytest.fixture
def ranks() -> list[int]:
    beat = 100 * np.sin(2 * np.pi * np.arange(1_500) / 25)
    return (
        np.clip(beat + np.random.default_rng(4).normal(0, 8, 1_500), -100, 100).astype(int).tolist()
    )


def test_the_correlation_is_numpys(ranks) -> None:
    memory = Memory()
    told = [memory.correlation(rank) for rank in ranks]
    assert told[: MEMORY_ROWS - 1] == [None] * (MEMORY_ROWS - 1)
    for row in range(MEMORY_ROWS - 1, len(ranks), 97):
        window = np.array(ranks[row - MEMORY_ROWS + 1 : row + 1], dtype=float)
        window -= window.mean()
        assert told[row] == pytest.approx((window[1:] @ window[:-1]) / (window @ window))


def test_a_course_is_as_new_as_its_nearest_one_before(ranks) -> None:
    shape, looks = Shape(), []
    for row in range(SHAPE_ROWS, len(ranks)):
        course = ranks[row - SHAPE_ROWS : row]
        told = shape.novelty(course)
        look = np.add(course[::2], course[1::2])
        if told is not None and row % 50 == 0:
            older = looks[
                : (len(looks) - SHAPE_ROWS - 1) // EVERY_ROWS * EVERY_ROWS + 1 : EVERY_ROWS
            ]
            assert told == pytest.approx(min(np.linalg.norm(look - one) for one in older))
        looks.append(look)


def test_a_new_mixture_is_told_by_its_relative_entropy() -> None:
    mixture = Mixture()
    for row in range(800):
        mixture.novelty((-100, -50, 0, 50, 100)[row % 5])
    told = [mixture.novelty(100) for _ in range(MIXTURE_ROWS)]
    assert told[-1] == max(told)
    assert told[-1] == pytest.approx(MIXTURE_ROWS * log((MIXTURE_ROWS + 0.5) / 7.5), rel=1e-3)


def test_a_beat_that_changes_is_new(ranks) -> None:
    shape = Shape()
    told = [shape.novelty(ranks[row : row + SHAPE_ROWS]) for row in range(1_000)]
    faster = ranks[1_000 : 1_000 + 2 * SHAPE_ROWS : 2]
    assert shape.novelty(faster) > 1.5 * max(one for one in told[300:] if one is not None)


def test_what_is_remembered_is_bounded_and_pickles() -> None:
    nearest = Nearest(size=5, numbers=1, rows=16)
    for row in range(400):
        if nearest.is_due():
            nearest.remember([-2 * row, row * row])
    again = pickle.loads(pickle.dumps(nearest))
    assert nearest.least([0]) == again.least([0]) == (392 - 16 - 4 * EVERY_ROWS) ** 2
