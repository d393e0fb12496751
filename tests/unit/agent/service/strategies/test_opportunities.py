"""Opportunities: agreement, strength and freshness, by the rule that is stated."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.service.strategies.opportunities import rank, weigh

NOON = datetime(2026, 1, 2, tzinfo=UTC)


def signal(strategy="a", stage="paper", **weights):
    return {
        "strategy": strategy, "stage": stage, "sequence": 3, "ts": "2026-01-01T00:00:00+00:00",
        "published_at": "2026-01-01T00:00:00+00:00", "valid_until": "2026-01-03T00:00:00+00:00",
        "targets": [{"symbol": name, "weight": weight} for name, weight in weights.items()],
    }  # fmt: skip


def test_live_counts_twice_as_much_as_paper_and_age_takes_away():
    (paper,) = weigh(signal(IBM=1.0), NOON)
    (live,) = weigh(signal(stage="live", IBM=1.0), NOON)
    (old,) = weigh(signal(IBM=1.0), datetime(2026, 1, 2, 12, tzinfo=UTC))
    assert (paper["share"], live["share"], old["share"]) == (0.25, 0.5, 0.125)


def test_what_is_too_old_or_empty_adds_nothing():
    assert weigh(signal(IBM=1.0), datetime(2026, 1, 3, tzinfo=UTC)) == []
    assert weigh(signal(), NOON) == []


def test_those_who_disagree_take_from_each_other():
    parts = weigh(signal("a", IBM=0.5, GE=0.5), NOON) + weigh(signal("b", IBM=0.5, GE=-0.5), NOON)
    first, second = rank(parts)
    assert (first.symbol, first.agreement, second.symbol, second.agreement) == ("IBM", 1, "GE", 0)
    assert first.score == pytest.approx(0.25)
    assert [each.strategy for each in first.contributors] == ["a", "b"]


def test_live_is_said_only_where_a_live_strategy_says_so():
    parts = weigh(signal("a", IBM=1.0), NOON) + weigh(signal("b", "live", GE=1.0), NOON)
    assert {each.symbol: each.stage for each in rank(parts)} == {"GE": "live", "IBM": "paper"}
