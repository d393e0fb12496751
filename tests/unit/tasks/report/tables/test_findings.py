from __future__ import annotations

import json

import polars as pl
import pytest

from tasks.report.clock import Clock
from tasks.report.tables.findings import list_findings
from tasks.report.tables.states import list_changes, read_state

CLOCK = Clock("America/New_York")


def test_the_strongest_come_first(study):
    findings = list_findings(study.patterns, CLOCK, most=10)
    ranked = study.patterns.sort("confidence", descending=True)["pattern_id"].head(10).to_list()
    assert [finding.pattern_id for finding in findings] == ranked


def test_changes_have_units_but_for_their_own():
    before = {"bars": {"value": 30, "unit": "bars"}, "mean": {"value": 0.5, "unit": "source"}}
    after = {"bars": {"value": 9, "unit": "bars"}, "mean": {"value": None, "unit": "source"}}
    mean, bars = list_changes(before, after)
    assert (mean.name, mean.before, mean.after, mean.unit) == ("mean", "0.5", "–", "")
    assert (bars.name, bars.before, bars.after, bars.unit) == ("bars", "30", "9", "bars")


@pytest.mark.parametrize("text", ["no json", "[1]", "3", "null", "", None])
def test_a_state_of_any_kind_can_be_shown(text):
    state = read_state(text)
    assert isinstance(state, dict)
    list_changes(state, {})


def test_plain_numbers_are_states_too():
    (change,) = list_changes({"level": 1.5}, {"level": 2})
    assert (change.before, change.after, change.unit) == ("1.5", "2", "")


def test_confidence_just_short_of_one_is_not_certainty(study):
    almost = study.patterns.head(1).with_columns(confidence=pl.lit(0.99999))
    assert list_findings(almost, CLOCK)[0].confidence == "> 99.9%"


def test_the_beginning_is_told_where_it_is_earlier(study):
    row = study.patterns.head(1)
    assert list_findings(row, CLOCK)[0].since is not None
    same = json.dumps({"since": {"value": row["ts"][0].isoformat(), "unit": "utc"}})
    assert list_findings(row.with_columns(metrics=pl.lit(same)), CLOCK)[0].since is None
    assert list_findings(row.with_columns(metrics=pl.lit("{}")), CLOCK)[0].since is None


def test_contributors_are_ranked_and_bounded(study):
    fields = [{"field": f"f{n}", "score": n / 10} for n in range(12)]
    row = study.patterns.head(1).with_columns(contributors=pl.lit(fields))
    finding = list_findings(row, CLOCK)[0]
    assert [c.field for c in finding.contributors][:2] == ["f11", "f10"]
    assert finding.contributors[0].share == 1.0
    assert finding.more_contributors == 6
