from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from tasks.detection.registry import build_detector
from taskspecs.detectors import DetectorSpec

NAMES = ["adwin", "hddm_a", "kswin", "page_hinkley"]
ADAPTER: TypeAdapter[DetectorSpec] = TypeAdapter(DetectorSpec)


def bars_of_alarms(name: str, values: np.ndarray) -> list[int]:
    detector = build_detector(ADAPTER.validate_python({"detector": name, "watch": "$x"}))
    return [bar for bar, value in enumerate(values.tolist()) if detector.step((value,))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("unit", [1e-4, 1e5])
def test_a_shift_is_found_up_or_down_in_any_unit(name: str, unit: float) -> None:
    for seed, size in ((0, 2.0), (1, -2.0)):
        values = np.random.default_rng(seed).normal(size=500)
        values[300:] += size
        found = bars_of_alarms(name, unit * values)
        assert [bar for bar in found if 300 <= bar < 400]
        assert not [bar for bar in found if bar < 300]


@pytest.mark.parametrize("name", NAMES)
def test_noise_without_a_change_is_all_but_silent(name: str) -> None:
    found = sum(
        len(bars_of_alarms(name, np.random.default_rng(seed).normal(size=1_000)))
        for seed in range(8)
    )
    assert found <= 4  # 1 in 2,000 bars


def test_kswin_needs_bars_to_compare_with() -> None:
    with pytest.raises(ValidationError, match="half of window_bars"):
        ADAPTER.validate_python(
            {"detector": "kswin", "watch": "$x", "window_bars": 40, "stat_bars": 30}
        )
