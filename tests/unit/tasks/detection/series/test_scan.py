from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from configs.errors import BadInput
from tasks.detection.series.clock import to_seconds
from tasks.detection.series.scan import scan, scanners

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def values() -> pl.Series:
    rng = np.random.default_rng(4)
    numbers = rng.normal(size=900)
    numbers[600:] = 8 + 4 * numbers[600:]
    numbers[850] = 100
    return pl.Series("v", numbers)


@pytest.mark.parametrize("detector", scanners())
def test_every_detector_scores_every_row(values, detector: str) -> None:
    found = scan(values, detector=detector)
    assert len(found) == len(values)
    assert found["score"].is_between(0, 1).all()
    assert found["flag"].sum() > 0
    again = scan(values[:700], detector=detector)
    assert again.equals(found[:700])


@pytest.mark.parametrize("detector", scanners())
@pytest.mark.parametrize("rows", [0, 1])
def test_almost_nothing_is_scored_too(detector: str, rows: int) -> None:
    found = scan(pl.Series("v", [1.0] * rows, dtype=pl.Float64), detector=detector)
    assert found["score"].to_list() == [0.0] * rows


def test_whole_numbers_and_missing_ones_are_taken() -> None:
    found = scan(pl.Series("v", [1, None, 3]))
    assert found["flag"].to_list() == [False] * 3


def test_an_unknown_detector_is_named() -> None:
    with pytest.raises(BadInput, match="no detector 'ensembel'"):
        scan(pl.Series([1.0]), detector="ensembel")


def test_text_is_no_series() -> None:
    with pytest.raises(BadInput, match="not numbers"):
        scan(pl.Series("v", ["a"]))


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-01 12:00:00", "2024-03-01T12:00:00Z", "2024-03-01 14:00:00+02:00",
        "2024-03-01 12:00", "2024-03-01T12:00:00.000", "03/01/2024 12:00", "2024/03/01 12:00:00",
        str(int(NOON)), f"{NOON * 1000:.0f}",
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(written: str) -> None:
    assert to_seconds(pl.Series("t", [written, None, written])) == [NOON, None, NOON]


def test_times_that_are_times_already() -> None:
    here = pl.Series("t", [datetime(2024, 3, 1, 13, tzinfo=UTC)])
    assert to_seconds(here.dt.convert_time_zone("Asia/Tokyo")) == [NOON + 3_600]
    assert to_seconds(pl.Series("t", [date(2024, 3, 1)])) == [NOON - 12 * 3_600]
    assert to_seconds(pl.Series("t", [NOON * 1e9, float("nan"), float("inf")])) == [
        pytest.approx(NOON), None, None,
    ]  # fmt: skip


def test_what_is_no_time_is_shown() -> None:
    with pytest.raises(BadInput, match="'soon' in row 2"):
        to_seconds(pl.Series("t", ["2024-03-01", "soon"]))
