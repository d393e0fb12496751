from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tasks.detection.drift.adwin import AdwinDetector
from tasks.detection.drift.level import LONGEST_MEMORY
from taskspecs.detectors import Adwin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.detection.protocol import Alarm

SPEC = Adwin(detector="adwin", watch="$x")


def alarms(values: np.ndarray, spec: Adwin = SPEC) -> list[tuple[int, Alarm]]:
    detector = AdwinDetector(spec)
    return [(i, a) for i, v in enumerate(values.tolist()) if (a := detector.step((v,)))]


def test_a_shift_is_found_dated_and_described() -> None:
    rng = np.random.default_rng(0)
    returns = 0.01 * np.r_[rng.normal(0, 1, 300), rng.normal(2, 1, 200)]
    (bar, alarm), *others = alarms(returns)
    assert not others
    assert 300 <= bar < 340
    assert abs(bar - alarm.since_bars - 300) <= 2
    cut = bar - alarm.since_bars
    assert alarm.prev_state["mean"] == (pytest.approx(returns[:cut].mean()), "source")
    assert alarm.prev_state["bars"] == (cut, "bars")
    assert alarm.new_state["mean"] == (pytest.approx(returns[cut : bar + 1].mean()), "source")
    assert alarm.new_state["std"][0] == pytest.approx(returns[cut : bar + 1].std(ddof=1))
    assert alarm.metrics["effect"][0] > 1
    assert alarm.contributors == (("$x", 1.0),)
    assert alarm.confidence > 0.99


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e9])
@pytest.mark.parametrize("origin", [0.0, 100.0])
def test_unit_and_origin_of_the_series_do_not_matter(unit: float, origin: float) -> None:
    rng = np.random.default_rng(3)
    plain = np.r_[rng.normal(0, 1, 100), rng.normal(1.5, 1, 100)]
    expected = [bar for bar, _ in alarms(plain)]
    assert expected
    assert [bar for bar, _ in alarms((plain + origin) * unit)] == expected


def test_a_step_between_constants_is_found() -> None:
    bar, alarm = alarms(np.r_[np.zeros(200), np.ones(50)])[0]
    assert 200 < bar < 245
    assert alarm.confidence == 1.0
    assert bar - alarm.since_bars == 200


def test_a_constant_has_no_alarm_nor_has_its_rounding() -> None:
    assert not alarms(np.full(500, 0.1))
    assert not alarms(0.1 + 1e-17 * np.arange(500))


def test_a_second_change_is_found_after_the_first() -> None:
    rng = np.random.default_rng(5)
    found = alarms(np.r_[rng.normal(0, 1, 150), rng.normal(3, 1, 150), rng.normal(-1, 1, 150)])
    assert [round(bar - alarm.since_bars, -1) for bar, alarm in found] == [150, 300]


def test_without_a_least_confidence_slow_series_alarm_more() -> None:
    steps = np.random.default_rng(8).normal(size=2_000)
    walk = np.cumsum(steps)
    loose = SPEC.model_copy(update={"min_confidence": 0.0})
    assert len(alarms(walk, loose)) > len(alarms(walk))
    assert all(alarm.confidence >= SPEC.min_confidence for _, alarm in alarms(walk))


def test_the_score_is_the_mean_of_the_window() -> None:
    values = np.random.default_rng(0).normal(5, 0.1, 200)
    detector = AdwinDetector(SPEC)
    scores = []
    for value in values.tolist():
        detector.step((value,))
        scores.append(detector.score)
    assert scores[: SPEC.warmup_bars - 1] == [None] * (SPEC.warmup_bars - 1)
    assert scores[-1] == pytest.approx(values.mean())


def test_memory_is_bounded() -> None:
    detector = AdwinDetector(SPEC)
    for value in np.random.default_rng(0).normal(size=LONGEST_MEMORY + 500).tolist():
        detector.step((value,))
    assert len(detector._series[0]._level.values) == LONGEST_MEMORY


NULLS: dict[str, tuple[Callable[[np.random.Generator], np.ndarray], float]] = {
    "normal returns": (lambda rng: rng.normal(0, 0.01, 1_000), 0.1),
    "heavy tails": (lambda rng: 0.01 * rng.standard_t(3, 1_000), 0.1),
    "skewed volumes": (lambda rng: rng.exponential(1e6, 1_000), 0.1),
    "a random walk": (lambda rng: 100 + np.cumsum(rng.normal(size=1_000)), 3.0),
}


@pytest.mark.parametrize("name", NULLS)
def test_false_alarms_in_a_thousand_bars_stay_few(name: str) -> None:
    make, most = NULLS[name]
    rng = np.random.default_rng(11)
    counts = [len(alarms(make(rng))) for _ in range(40)]
    assert np.mean(counts) <= most


@pytest.mark.parametrize(("sigmas", "power", "delay_bars"), [(1.0, 0.95, 60), (2.0, 0.95, 25)])
def test_power_and_delay_on_shifts_of_returns(sigmas: float, power: float, delay_bars: int) -> None:
    rng = np.random.default_rng(12)
    delays = []
    for _ in range(40):
        returns = 0.01 * np.r_[rng.normal(0, 1, 250), rng.normal(sigmas, 1, 250)]
        delays += [bar - 250 for bar, _ in alarms(returns) if bar >= 250][:1]
    assert len(delays) >= power * 40
    assert np.median(delays) <= delay_bars
