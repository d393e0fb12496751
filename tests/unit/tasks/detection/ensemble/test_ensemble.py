from __future__ import annotations

import pickle
from math import log10, nan

import numpy as np
import pytest

from tasks.detection.ensemble.ensemble import ECHO_ROWS, REFRACTORY_ROWS, THRESHOLD, Ensemble
from tasks.detection.ensemble.season import DAY, WEEK, Profile
from tasks.detection.ensemble.tail import OnlineTail

HOUR = 3_600.0


def run(values, seconds=None, detector=None) -> list[tuple[float, bool]]:
    detector = detector or Ensemble()
    times = [None] * len(values) if seconds is None else seconds
    return [detector.step(value, time) for value, time in zip(values, times, strict=True)]


def flagged(values, seconds=None) -> list[int]:
    return [row for row, (_, flag) in enumerate(run(values, seconds)) if flag]


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(5).normal(10, 1, 1_200)


def spike(values: np.ndarray) -> None:
    values[1_000] += 12


def shift(values: np.ndarray) -> None:
    values[1_000:] += 6


def loud(values: np.ndarray) -> None:
    values[1_000:] = 10 + 5 * (values[1_000:] - 10)


def flat(values: np.ndarray) -> None:
    values[1_000:] = values[1_000]


@pytest.mark.parametrize("change", [spike, shift, loud, flat])
def test_a_change_is_flagged_soon(noise, change) -> None:
    change(noise)
    rows = [row for row in flagged(noise.tolist()) if row >= 1_000]
    assert rows
    assert rows[0] < 1_040


def test_plain_noise_is_seldom_flagged() -> None:
    rng = np.random.default_rng(11)
    alarms = sum(len(flagged(rng.normal(size=2_000).tolist())) for _ in range(10))
    assert alarms <= 30  # 1.5 in 1,000 rows


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_does_not_matter(noise, unit: float) -> None:
    spike(noise)
    assert flagged((noise * unit).tolist()) == flagged(noise.tolist())


def test_a_wrong_hour_is_flagged_only_where_times_tell_it() -> None:
    rng = np.random.default_rng(2)
    seconds = HOUR * np.arange(24 * 60)
    values = np.where((seconds / HOUR) % 24 < 12, 1.0, 9.0) + 0.3 * rng.normal(size=len(seconds))
    night = slice(24 * 50, 24 * 50 + 12)
    values[night] += 8.0  # as high as any day
    told = flagged(values.tolist(), seconds.tolist())
    assert any(night.start <= row < night.stop + 4 for row in told)


def test_scores_are_probable_numbers_and_flags_follow_them(noise) -> None:
    shift(noise)
    for score, flag in run(noise.tolist()):
        assert 0.0 <= score <= 1.0
        assert flag == (score >= THRESHOLD)


def test_one_event_is_one_alarm(noise) -> None:
    noise[1_000 : 1_000 + REFRACTORY_ROWS - ECHO_ROWS : 7] += 30
    assert sum(row >= 1_000 for row in flagged(noise.tolist())) == 1


def test_a_small_event_does_not_hide_a_large_one(noise) -> None:
    noise[1_000] += 6
    noise[1_030] += 60
    assert {1_000, 1_030} <= set(flagged(noise.tolist()))


def test_no_look_ahead_and_resumable(noise) -> None:
    shift(noise)
    rows, times = noise.tolist(), (300.0 * np.arange(len(noise))).tolist()
    whole = run(rows, times)
    for cut in (0, 1, 19, 170, 171, 640, 1_003):
        detector = Ensemble()
        assert run(rows[:cut], times[:cut], detector) == whole[:cut]
        again = pickle.loads(pickle.dumps(detector))
        assert run(rows[cut:], times[cut:], again) == whole[cut:]


def test_missing_values_score_nothing_and_teach_nothing(noise) -> None:
    clean = run(noise.tolist())
    holes: list[float] = []
    for row, value in enumerate(noise.tolist()):
        holes += [value, *([nan, float("inf"), -1e60] if row % 97 == 5 else [])]
    with_holes = run(holes)
    usable = [pair for pair, value in zip(with_holes, holes, strict=True) if abs(value) < 1e50]
    assert [score for score, _ in usable if score] == [score for score, _ in clean if score]
    assert all(
        pair == (0.0, False)
        for pair, value in zip(with_holes, holes, strict=True)
        if not abs(value) < 1e50
    )


@pytest.mark.parametrize("value", [0.0, 1e-300, -1e9, 1e49])
def test_a_constant_is_never_flagged(value: float) -> None:
    assert flagged([value] * 1_500) == []


def test_huge_and_tiny_values_do_no_harm() -> None:
    rng = np.random.default_rng(0)
    wild = (10.0 ** rng.uniform(-320, 308, 2_000) * rng.choice([-1, 1], 2_000)).tolist()
    assert all(0.0 <= score <= 1.0 for score, _ in run(wild, [0.0] * 2_000))


def test_memory_is_bounded() -> None:
    rng = np.random.default_rng(1)
    detector, sizes = Ensemble(), []
    for part in range(3):
        times = (HOUR * (3_000 * part + np.arange(3_000))).tolist()
        run(rng.normal(size=3_000).tolist(), times, detector)
        sizes.append(len(pickle.dumps(detector)))
    assert sizes[2] <= 1.05 * sizes[1]


def test_a_tail_is_about_right_beyond_the_past() -> None:
    rng = np.random.default_rng(8)
    told = []
    for _ in range(60):
        tail = OnlineTail(800)
        for value in rng.exponential(size=800).tolist():
            tail.push(value)
        told.append(tail.probability(9.0))
    assert 0.2 < np.median(told) / np.exp(-9.0) < 8.0


@pytest.mark.parametrize("digits", [0, 9])
def test_rarity_is_probability_and_then_a_push(digits: int) -> None:
    values = np.random.default_rng(4).standard_t(3, size=700).round(digits).tolist()
    fast, slow = OnlineTail(200), OnlineTail(200)
    for value in values:
        assert fast.rarity(value) == -log10(slow.probability(value))
        slow.push(value)


@pytest.mark.parametrize("cycle", [DAY, WEEK])
def test_a_profile_learns_each_hour(cycle: float) -> None:
    profile = Profile(cycle)
    for row in range(int(4 * cycle / HOUR)):
        profile.learn(row * HOUR, float(row * HOUR % cycle), 0.2)
    assert profile.usual(4 * cycle + 5.5 * HOUR) == pytest.approx(5 * HOUR)


def test_to_be_low_is_rare_where_outliers_are_high() -> None:
    rng = np.random.default_rng(3)
    tail = OnlineTail(800)
    for value in np.exp(rng.normal(size=800)).tolist():
        tail.push(value)
    assert tail.probability(-4.0) < 1e-4
    assert tail.probability(4.0) > 1e-2


def test_a_stuck_counter_is_flagged() -> None:
    rng = np.random.default_rng(9)
    counts = rng.poisson(2.0, 1_500).astype(float)
    counts[1_200:1_240] = 2.0
    assert any(1_200 <= row < 1_240 for row in flagged(counts.tolist()))


def test_slow_seasons_teach_no_alarm_where_nothing_happens() -> None:
    rng = np.random.default_rng(6)
    seconds = 300.0 * np.arange(4_000)
    values = np.sin(2 * np.pi * seconds / DAY) + 0.1 * rng.normal(size=4_000)
    assert len(flagged(values.tolist(), seconds.tolist())) <= 6


def test_each_alarm_raises_the_bar_for_the_next(noise) -> None:
    noise[600] += 30
    detector = Ensemble()

    def bar(rows: list[float]) -> float:
        score = run(rows, detector=detector)[-1][0]
        return detector.surprise * (1.0 - score) / score

    before, after = bar(noise[:599].tolist()), bar(noise[599:800].tolist())
    assert 1.03 * before < after < 1.06 * before
    assert bar(noise[800:999].tolist()) < after
