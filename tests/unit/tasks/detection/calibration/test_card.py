"""What a card says, and that it says so again."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import binomtest

from tasks.detection.calibration.budget import budget_of
from tasks.detection.calibration.card import Card, calibrate, card_id
from taskspecs.detectors import Adwin, HalfSpaceTreesDetector, LodaDetector, PageHinkleyTest
from taskspecs.discovery import CalibrationSpec

DRIFT = Adwin(detector="adwin", watch="$a")
NERVOUS = PageHinkleyTest(detector="page_hinkley", watch="$a", threshold=4.0, min_confidence=0.2)
TREES = HalfSpaceTreesDetector(
    detector="half_space_trees", watch=("$a", "$b"), window_bars=50, quantile=0.98, n_trees=3,
    height=5,
)  # fmt: skip
SLOW = LodaDetector(detector="loda", watch=("$a", "$b"), window_bars=50, n_random_cuts=3)
SMALL = CalibrationSpec(null_bars=5_000, injections=6)


def noise(seed: int, bars: int = 800, fields: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(bars, fields))


@pytest.fixture(scope="module")
def nervous() -> Card:
    return calibrate(NERVOUS, [noise(1), noise(2)], SMALL)


def test_false_alarms_are_those_of_null_data(nervous):
    assert nervous.null_bars >= 5_000
    assert nervous.false_alarms_per_1000 == 1_000 * len(nervous.strengths) / nervous.null_bars
    assert nervous.strengths
    exact = binomtest(len(nervous.strengths), nervous.null_bars).proportion_ci(0.9, "exact")
    assert nervous.false_alarms_per_1000_upper == pytest.approx(1_000 * exact.high)


def test_p_values_are_empirical_with_a_correction(nervous):
    n, strengths = nervous.null_bars, nervous.strengths
    assert nervous.p_value((np.inf, 0.0)) == 1 / (1 + n)
    assert nervous.p_value(strengths[-1]) == 2 / (1 + n)
    assert nervous.p_value(strengths[0]) == (1 + len(strengths)) / (1 + n)
    assert nervous.p_value((-1.0, 0.0)) == (1 + len(strengths)) / (1 + n)


def test_larger_changes_are_noticed_more_often_and_sooner():
    responses = calibrate(DRIFT, [noise(3), noise(4)], SMALL).responses
    assert [r.size for r in responses] == [0.5, 1.0, 2.0]
    assert {(r.kind, r.planted) for r in responses} == {("shift", 6)}
    assert responses[0].power <= responses[1].power <= responses[2].power == 1.0
    assert responses[2].delay_bars < responses[1].delay_bars < 250


def test_spikes_are_planted_for_detectors_of_anomalies():
    settings = CalibrationSpec(null_bars=12_000, injections=6)
    responses = calibrate(TREES, [noise(5, fields=2)], settings).responses
    assert [r.size for r in responses] == [4.0, 8.0, 16.0]
    assert {r.kind for r in responses} == {"spike"}
    assert responses[-1].power > 0.5
    assert responses[-1].delay_bars == 0


def test_changes_in_the_series_are_not_taken_for_null_data():
    changed = noise(6)
    changed[400:] += 3
    quiet, loud = (calibrate(DRIFT, [v], SMALL) for v in (noise(6), changed))
    assert len(loud.strengths) <= len(quiet.strengths) + 1


def test_what_cannot_be_calibrated_proves_nothing():
    for series in ([], [noise(1, bars=50)], [noise(1, bars=0)]):
        card = calibrate(DRIFT, series, SMALL)
        assert (card.null_bars, card.sampled, card.series) == (0, 0, len(series))
        assert card.false_alarms_per_1000 is card.false_alarms_per_1000_upper is None
        assert card.p_value((99.0, 0.0)) == 1.0
        assert all(r.power is None for r in card.responses)


@pytest.mark.parametrize("constant", [0.0, 1e9])
def test_a_series_that_never_moves_has_no_false_alarms(constant):
    assert calibrate(DRIFT, [np.full((300, 1), constant)], SMALL).strengths == ()


def test_bars_bound_the_work_whatever_the_number_of_series():
    """Fast detectors get more null bars where there are more to judge, up to a limit."""
    few, many = (calibrate(SLOW, [noise(n, fields=2) for n in range(k)], SMALL) for k in (1, 30))
    budget = budget_of(SLOW, SMALL)
    assert max(few.null_bars, many.null_bars) < budget.null_bars + budget.longest
    assert many.sampled < many.series == 30
    most = [budget_of(DRIFT, SMALL, bars).null_bars for bars in (0, 800, 10_000_000)]
    assert most == [5_000, 16_000, 165_000]


_STRENGTHS = """
import sys, numpy as np
from pydantic import TypeAdapter
from tasks.detection.calibration.card import calibrate
from taskspecs.detectors import DetectorSpec
from taskspecs.discovery import CalibrationSpec
rng = np.random.default_rng(8)
for spec in TypeAdapter(list[DetectorSpec]).validate_json(sys.argv[1]):
    series = [rng.normal(size=(600, len(spec.watched))) for _ in range(3)]
    card = calibrate(spec, series, CalibrationSpec(null_bars=4000, injections=3))
    print(card.strengths, card.responses, card.block_bars)
"""


def test_cards_are_the_same_in_every_process():
    specs = json.dumps([spec.model_dump(mode="json") for spec in (NERVOUS, TREES)])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", _STRENGTHS, specs],
            env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert len(outputs) == 1
    assert "(" in outputs.pop()


def test_other_settings_other_cards():
    assert card_id(DRIFT) == card_id(DRIFT.model_copy())
    assert card_id(DRIFT) != card_id(DRIFT.model_copy(update={"delta": 0.5}))
