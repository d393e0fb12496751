"""Scores and labels from expressions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.signal import label, label_overlap, score

CLOSES = [1.0, 2.0, 4.0, 2.0]


@pytest.fixture
def frame():
    times = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=d) for d in range(4)]
    return pl.DataFrame(
        {
            "symbol": ["A"] * 4 + ["B"] * 4,
            "ts": times * 2,
            "close": CLOSES + CLOSES[::-1],
            "trend": [None, 0.5, float("inf"), float("nan"), 1.0, 2.0, 3.0, 4.0],
        },
        schema_overrides={"ts": pl.Datetime("us", "UTC")},
    )


def test_scores_are_finite(frame):
    scores = score(frame, "$trend * 2")
    assert scores["score"].to_list() == [1.0, 2.0, 4.0, 6.0, 8.0]
    assert scores["symbol"].to_list() == ["A", "B", "B", "B", "B"]
    assert scores.schema == {
        "symbol": pl.String, "ts": pl.Datetime("us", "UTC"), "score": pl.Float64
    }  # fmt: skip


def test_windows_stay_within_a_symbol(frame):
    assert score(frame, "Ref($close, 1)").filter(symbol="B")["score"].to_list() == [2.0, 4.0, 2.0]


def test_scores_must_not_look_ahead(frame):
    with pytest.raises(BadInput):
        score(frame, "Ref($close, -1)")


def test_labels_look_ahead(frame):
    labels = label(frame, "Ref($close, -2) / Ref($close, -1) - 1")
    assert labels.filter(symbol="A")["label"].to_list() == [1.0, -0.5]


@pytest.mark.parametrize(
    ("expression", "every", "overlap"),
    [
        ("Ref($close, -2) / Ref($close, -1) - 1", 1, 1),
        ("Ref($close, -1) / $close - 1", 1, 0),
        ("Ref($close, -21) / Ref($close, -1) - 1", 1, 20),
        ("Ref($close, -21) / Ref($close, -1) - 1", 5, 4),
        ("$close", 1, 0),
    ],
)
def test_overlap(expression, every, overlap):
    ts = pl.Series([datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=d) for d in range(60)])
    bars = pl.DataFrame({"ts": ts})
    assert label_overlap(expression, bars.gather_every(every), bars) == overlap


def test_overlap_of_a_single_decision():
    bars = pl.DataFrame({"ts": [datetime(2024, 1, 1, tzinfo=UTC)]})
    assert label_overlap("Ref($close, -5)", bars, bars) == 4
