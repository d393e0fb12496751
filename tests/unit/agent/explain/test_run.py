from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

import pytest

from agent.explain.chapters.drawdown import worst_fall
from agent.explain.rows import Row, RunRows, as_rows
from agent.explain.run import explain_run
from agent.explain.shown import to_json, to_text

if TYPE_CHECKING:
    from agent.explain.prose.text import Explanation


def value(explanation: Explanation, reference: str) -> Any:
    return next(v.value for v in explanation.values if v.reference == reference)


def test_every_chapter_speaks(rows: RunRows) -> None:
    text = to_text(explain_run(rows))
    for title in (
        "What was tried",
        "What came of it",
        "What it cost",
        "The worst fall",
        "The signal",
        "Patterns",
        "The data",
    ):
        assert title in text


def test_values_are_those_of_the_rows(rows: RunRows) -> None:
    found = explain_run(rows)
    assert value(found, "run.sharpe") == 0.5
    assert value(found, "run.sharpe_t") == pytest.approx(0.5 / 0.28)
    assert value(found, "spec.topk") == 2
    assert value(found, "trials.count") == 3
    gross = prod(1 + row["gross_return"] for row in rows.equity) ** (252 / 100) - 1
    assert value(found, "run.gross_annual_return") == pytest.approx(gross)


def test_luck_is_told_by_the_standard_error(rows: RunRows) -> None:
    assert "not distinguishable from luck" in to_text(explain_run(rows))
    sure = dict(rows.metrics)
    sure["sharpe"] = Row("metrics", {**sure["sharpe"].content, "value": 1.5})
    text = to_text(explain_run(replace(rows, metrics=sure)))
    assert "more than chance alone brings" in text.split("The mean return")[0]


def test_worst_fall_is_from_the_height_to_the_trough(rows: RunRows) -> None:
    fall = worst_fall(rows.equity)
    assert fall == (39, 59, None)
    found = explain_run(rows)
    assert value(found, "drawdown.depth") == rows.equity[59]["drawdown"]
    bench = prod(1 + row["benchmark_return"] for row in rows.equity[40:60]) - 1
    assert value(found, "drawdown.benchmark") == pytest.approx(bench)
    assert "not made good" in to_text(found)


def test_patterns_are_counted_against_the_length_of_the_fall(rows: RunRows) -> None:
    found = explain_run(rows)
    assert value(found, "patterns.inside") == 7
    assert value(found, "drawdown.share") == pytest.approx(0.2)
    assert "more than its length" in to_text(found)
    strongest = [v.value for v in found.values if v.reference.endswith(".confidence")]
    assert strongest == sorted(strongest, reverse=True)


def test_ic_of_noise_says_nothing(rows: RunRows) -> None:
    found = explain_run(rows)
    assert value(found, "ic.count") == 90
    assert "says nothing reliable" in to_text(found)


def test_every_value_names_rows_that_can_be_found(rows: RunRows) -> None:
    every = (
        {
            row.sha256
            for part in (rows.equity, rows.ic, rows.patterns, rows.health, rows.trials)
            for row in part
        }
        | {row.sha256 for row in rows.metrics.values()}
        | {rows.run.sha256}
    )
    told = to_json(explain_run(rows))
    numbers = {citation["number"] for citation in told["citations"]}
    assert numbers == set(range(1, len(numbers) + 1))
    for entry in told["values"]:
        assert entry["citations"]
        assert set(entry["citations"]) <= numbers
        for source in entry["sources"]:
            assert source["key"]
            assert len(source["sha256"]) == 64
            assert source.get("rows", 1) > 1 or source["sha256"] in every or entry["formula"]


def test_run_without_rows_says_so(rows: RunRows) -> None:
    text = to_text(explain_run(RunRows(run=rows.run)))
    assert "Nothing was traded" in text
    assert "found nothing" in text
    assert "too few scores" in text


def test_a_run_of_which_no_alarm_survives_says_so(rows: RunRows) -> None:
    cards = [{"run_id": rows.run["run_id"], "card_id": card, "alarms": 30} for card in "ab"]
    silent = replace(rows, patterns=(), cards=as_rows("calibration_cards", cards))
    text = to_text(explain_run(silent))
    assert "None of the detectors' alarms survives" in text
    assert "Withheld: 60" in text


def test_account_that_never_fell(rows: RunRows) -> None:
    flat = tuple(Row("equity", {**row.content, "drawdown": 0.0}) for row in rows.equity)
    assert worst_fall(flat) is None
    assert "never stood below" in to_text(explain_run(replace(rows, equity=flat)))


def test_missing_metrics_are_not_invented(rows: RunRows) -> None:
    some = {
        k: v for k, v in rows.metrics.items() if k in {"annual_return", "benchmark_annual_return"}
    }
    text = to_text(explain_run(replace(rows, metrics=some)))
    assert "not defined" in text
    assert "What it cost" not in text


def test_same_rows_same_text(rows: RunRows) -> None:
    assert to_json(explain_run(rows)) == to_json(explain_run(rows))
