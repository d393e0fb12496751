from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.explain.pattern import explain_pattern
from agent.explain.rows import PatternRows, Row
from agent.explain.shown import to_text


def test_drift_is_told_with_both_states_and_its_confidence(pattern_rows: PatternRows) -> None:
    found = explain_pattern(pattern_rows)
    values = {v.reference: v.value for v in found.values}
    assert (values["pattern.prev[0]"], values["pattern.new[0]"]) == (0.03, 0.05)
    assert values["pattern.twins"] == 1
    assert values["others.near"] == 1
    text = to_text(found)
    assert "0.03 before, 0.05 [1] from then on" in text
    assert "one minus the false discovery rate" in text
    assert "began about 2010-01-11" in text
    assert "ann on 2010-01-24: useful" in text


def test_market_is_ranked_among_the_bars_before(pattern_rows: PatternRows) -> None:
    values = {v.reference: v.value for v in explain_pattern(pattern_rows).values}
    assert values["market.equal_weight_return"] == pytest.approx(0.01)
    assert values["market.equal_weight_return_rank"] == 1.0
    assert values["market.breadth_rank"] == 0.0
    assert "market.average_correlation" not in values


def test_contributors_come_the_largest_first(pattern_rows: PatternRows) -> None:
    shares = [{"field": "a", "score": 0.2}, {"field": "b", "score": 0.8}]
    changed = Row("patterns", {**pattern_rows.pattern.content, "contributors": shares})
    text = to_text(explain_pattern(replace(pattern_rows, pattern=changed)))
    assert text.index("80.0%") < text.index("20.0%")


def test_market_pattern_and_nearly_certain_confidence(pattern_rows: PatternRows) -> None:
    changed = Row(
        "patterns", {**pattern_rows.pattern.content, "symbol": None, "confidence": 0.99999999}
    )
    text = to_text(explain_pattern(replace(pattern_rows, pattern=changed)))
    assert "the market as a whole" in text
    assert "above 0.9999" in text


def test_anomaly_names_score_and_threshold(pattern_rows: PatternRows) -> None:
    metrics = {
        "score": {"value": 0.9, "unit": "score"},
        "threshold": {"value": 0.8, "unit": "score"},
    }
    changed = Row(
        "patterns",
        {
            **pattern_rows.pattern.content,
            "type": "anomaly",
            "detector": "half_space_trees",
            "metrics": json.dumps(metrics),
        },
    )
    text = to_text(explain_pattern(replace(pattern_rows, pattern=changed)))
    assert "score is 0.9; an anomaly begins above 0.8" in text
    assert "at this bar" in text


def test_little_is_said_of_a_pattern_without_surroundings(pattern_rows: PatternRows) -> None:
    alone = PatternRows(run=pattern_rows.run, pattern=pattern_rows.pattern)
    assert "What the market did" not in to_text(explain_pattern(alone))


def test_how_often_the_detector_is_wrong_is_told(pattern_rows: PatternRows) -> None:
    content = {
        "run_id": pattern_rows.run["run_id"], "card_id": "c",
        "false_alarms_per_1000": 0.25, "false_alarms_per_1000_upper": 0.5,
    }  # fmt: skip
    card = Row("calibration_cards", content)
    text = to_text(explain_pattern(replace(pattern_rows, card=card)))
    assert "it raises 0.25 false alarms per 1,000 bars, hardly more than 0.5" in text
    unknown = Row("calibration_cards", {**content, "false_alarms_per_1000": None})
    assert "false alarms per" not in to_text(explain_pattern(replace(pattern_rows, card=unknown)))
