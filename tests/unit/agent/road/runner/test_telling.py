"""What a run tells: only what is new, the same again with the same ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from agent.road.runner.telling import news

LAST = datetime(2024, 1, 10, tzinfo=UTC)
PATTERNS = pl.DataFrame(
    {
        "pattern_id": ["old", "new", "odd"],
        "type": ["drift", "drift", "anomaly"],
        "ts": [LAST - timedelta(days=3), LAST, LAST],
        "symbol": ["A", "A", "B"],
        "detector": ["adwin"] * 3,
        "source": ["$close"] * 3,
        "confidence": [0.9, 0.99, 0.9],
    }
)
HEALTH = pl.DataFrame(
    {"rule": ["rows_read", "gap"], "action": ["kept", "dropped"], "count": [10, 2]}
)


def told(since):
    return list(
        news("s", "r", last=LAST, since=since, rows=10, patterns=PATTERNS, health=HEALTH, meta={})
    )


def test_the_first_run_tells_of_its_last_bar_alone():
    events = told(None)
    assert [event.type for event in events] == [
        "partition_created", "drift_detected", "quality_anomaly",
    ]  # fmt: skip
    assert events[1].payload["pattern_id"] == "new"


def test_later_runs_tell_of_the_bars_since():
    drifts = [e for e in told(LAST - timedelta(days=5)) if e.type == "drift_detected"]
    assert [event.payload["pattern_id"] for event in drifts] == ["old", "new"]


def test_without_new_bars_there_is_no_news():
    assert told(LAST) == []


def test_told_again_the_ids_are_the_same():
    assert [e.event_id for e in told(None)] == [e.event_id for e in told(None)]
