from __future__ import annotations

import numpy as np
import pytest

from tasks.detection.registry import build_detector
from taskspecs.detectors import Adwin, HddmW

FIELDS = ("$a", "$b", "$c")


@pytest.mark.parametrize(
    "spec",
    [Adwin(detector="adwin", watch=FIELDS), HddmW(detector="hddm_w", watch=FIELDS)],
    ids=lambda spec: spec.detector,
)
def test_the_field_that_drifted_has_the_share(spec) -> None:
    rng = np.random.default_rng(6)
    values = rng.normal(size=(600, 3)) * [1.0, 1e6, 1e-3]
    values[300:, 1] += 3e6
    (bar, alarm), *_ = build_detector(spec).run(values)[1]
    shares = dict(alarm.contributors)
    assert 300 <= bar < 340
    assert shares["$b"] > 0.7
    assert sum(shares.values()) == pytest.approx(1.0)
    assert alarm.new_state["$b mean"][0] - alarm.prev_state["$b mean"][0] == pytest.approx(
        alarm.metrics["shift"][0]
    )
    assert alarm.prev_state["$a mean"][1] == "source"


def test_fields_watched_together_need_more_evidence() -> None:
    rng = np.random.default_rng(7)
    quiet = sum(
        len(
            build_detector(Adwin(detector="adwin", watch=FIELDS)).run(rng.normal(size=(1_000, 3)))[
                1
            ]
        )
        for _ in range(8)
    )
    assert quiet <= 4  # 1 in 2,000 bars
