from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from river.anomaly import HalfSpaceTrees

from tasks.detection.anomaly import forest_kernel
from tasks.detection.anomaly.half_space_trees import SCALE_BARS, HalfSpaceTreesAlarms
from tasks.detection.scaling.ranks import RankWindow
from tasks.detection.scaling.scale import CausalScale
from taskspecs.detectors import HalfSpaceTreesDetector

if TYPE_CHECKING:
    from tasks.detection.protocol import Alarm

FIELDS = ("$return", "$volume", "$range")
SPEC = HalfSpaceTreesDetector(
    detector="half_space_trees", watch=FIELDS, window_bars=100, quantile=0.99
)
FIRST_POSSIBLE = SCALE_BARS + 100 + 99  # scale, forest, and 1 / 0.01 - 1 scores


def alarms(rows: np.ndarray, spec: HalfSpaceTreesDetector = SPEC) -> list[tuple[int, Alarm]]:
    detector = HalfSpaceTreesAlarms(spec)
    return [(i, a) for i, row in enumerate(rows.tolist()) if (a := detector.step(row))]


class ByRiver:
    """The detector's scores by River's trees and the scale that is written in Python."""

    def __init__(self, spec: HalfSpaceTreesDetector) -> None:
        self.fields, self.window, self.learnt = spec.fields, spec.window_bars, 0
        self.trees = HalfSpaceTrees(spec.n_trees, spec.height, spec.window_bars, seed=spec.seed)
        self.scales = [CausalScale(spec.window_bars) for _ in spec.fields]

    def step(self, values: list[float]) -> float | None:
        score = None
        if len(self.scales[0]) >= SCALE_BARS:
            units = [scale.unit(one) for scale, one in zip(self.scales, values, strict=True)]
            bar = dict(zip(self.fields, units, strict=True))
            if self.learnt >= self.window:
                score = self.trees.score_one(bar)
            self.trees.learn_one(bar)
            self.learnt += 1
        for scale, value in zip(self.scales, values, strict=True):
            scale.push(value)
        return score


@pytest.mark.parametrize("fields", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_scores_are_rivers_bit_for_bit(fields: int, seed: int) -> None:
    update = {"watch": FIELDS[:fields], "seed": seed, "n_trees": 4 + seed, "height": 3 + seed}
    spec = SPEC.model_copy(update=update)
    rows = np.random.default_rng(seed).standard_t(3, size=(900, fields)).round(2)
    theirs, ours = ByRiver(spec), HalfSpaceTreesAlarms(spec)
    scores, _ = ours.run(rows)
    expected = [theirs.step(row) for row in rows.tolist()]
    assert [None if np.isnan(score) else score for score in scores.tolist()] == expected
    assert sum(score is not None for score in expected) == 900 - SCALE_BARS - 100


def test_compiled_windows_are_as_those_of_python() -> None:
    rng = np.random.default_rng(4)
    ours, ages, ordered = RankWindow(50), np.zeros(50), np.zeros(50)
    for place, value in enumerate(rng.integers(-9, 9, 400).astype(float).tolist()):
        size, oldest = min(place, 50), place % 50
        forest_kernel.remember(ages, ordered, size, oldest, value)
        ours.push(value)
        size = len(ours)
        assert ordered[:size].tolist() == ours.smallest(size)
        for wanted in (-3.0, 0.5):
            above = size - forest_kernel.place_left(ordered, size, wanted)
            assert above == ours.count_at_least(wanted)


def test_detectors_share_trees_and_nothing_else() -> None:
    busy, idle = HalfSpaceTreesAlarms(SPEC), HalfSpaceTreesAlarms(SPEC)
    busy.run(np.random.default_rng(5).normal(size=(300, 3)))
    assert busy._split is idle._split
    assert not idle._masses.any()
    assert busy._masses.any()


def test_an_outlier_in_one_field_is_found_and_named() -> None:
    for seed in range(3):
        rows = np.random.default_rng(seed).normal(size=(400, 3)) * [0.01, 1e6, 1.0]
        rows[390, 1] += 1e7
        alarm = dict(alarms(rows))[390]
        shares = dict(alarm.contributors)
        assert max(shares, key=lambda field: shares[field]) == "$volume"
        assert sum(shares.values()) == pytest.approx(1.0)
        assert alarm.new_state["$volume"] == (rows[390, 1], "source")
        window = np.sort(rows[290:390, 0])
        assert alarm.prev_state["$return"] == (window[50], "source")
        assert alarm.metrics["score"][0] > alarm.metrics["threshold"][0]


def test_no_alarm_before_enough_was_seen() -> None:
    for outlier, expected in ((FIRST_POSSIBLE - 1, []), (FIRST_POSSIBLE, [FIRST_POSSIBLE])):
        rows = np.random.default_rng(1).normal(size=(FIRST_POSSIBLE + 1, 3))
        rows[outlier] = 500
        assert [bar for bar, _ in alarms(rows)] == expected


def test_confidence_is_the_share_of_lower_scores() -> None:
    rows = np.random.default_rng(2).normal(size=(700, 3))
    detector, past = HalfSpaceTreesAlarms(SPEC), []
    for row in rows.tolist():
        alarm = detector.step(row)
        if alarm:
            at_least = sum(score >= detector.score for score in past)
            assert alarm.confidence == pytest.approx(1 - (1 + at_least) / (1 + len(past)))
            assert alarm.confidence >= SPEC.quantile
        if detector.score is not None:
            past.append(detector.score)
    assert len(past) == 700 - SCALE_BARS - SPEC.window_bars
    assert all(0.0 <= score <= 1.0 for score in past)


def test_the_order_of_watch_changes_no_score() -> None:
    rows = np.random.default_rng(3).normal(size=(400, 3))
    swapped = SPEC.model_copy(update={"watch": (FIELDS[2], FIELDS[0], FIELDS[1])})
    one = [(bar, alarm.metrics) for bar, alarm in alarms(rows)]
    other = [(bar, alarm.metrics) for bar, alarm in alarms(rows[:, [2, 0, 1]], swapped)]
    assert one == other


def test_false_alarms_keep_to_the_stated_rate() -> None:
    rng = np.random.default_rng(21)
    scored = found = 0
    for _ in range(8):
        rows = rng.standard_t(4, size=(900, 2))
        spec = SPEC.model_copy(update={"watch": FIELDS[:2], "n_trees": 10})
        found += len(alarms(rows, spec))
        scored += 900 - FIRST_POSSIBLE
    assert found / scored <= 2 * (1 - SPEC.quantile)


def test_power_on_outliers() -> None:
    rng = np.random.default_rng(22)
    hits = 0
    for _ in range(10):
        rows = rng.normal(size=(400, 3))
        rows[380] = rng.permutation([6.0, 0.0, -6.0])
        hits += 380 in dict(alarms(rows))
    assert hits >= 8
