"""Ratings raise what is asked of a detector; they never lower it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.pattern_feedback import expected_share, stricter
from configs.errors import BadInput
from storage.feedback import KIND, Feedback, all_feedback, feedback_rows, give_feedback
from storage.lake.objects import MemoryObjects
from storage.ledger import Ledger

PATTERN = {"pattern_id": "p1", "detector": "adwin", "source": "$close", "card_id": "c1"}


def ratings(*numbers: int, card: str = "c1", actor: str = "ann") -> list[Feedback]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Feedback(f"f{n}", f"p{n}", "adwin", "$close", card, rating, "", actor, at)
        for n, rating in enumerate(numbers)
    ]


def test_useless_patterns_raise_the_least_confidence_in_proportion():
    rules = stricter(ratings(-1, -1, -1, 1), 0.1)
    assert rules["c1"].share == expected_share(1, 3) == pytest.approx(1 / 3)
    assert rules["c1"].least_confidence == pytest.approx(1 - 2 / 3 * 0.1)
    worse = stricter(ratings(*[-1] * 20), 0.1)["c1"]
    assert 0.9 < rules["c1"].least_confidence < worse.least_confidence < 1


@pytest.mark.parametrize("given", [(), (-1, -1), (-1, -1, 0, 0, 0), (1, 1, 1), (1, -1, 1, -1)])
def test_few_even_or_good_ratings_change_nothing(given):
    assert stricter(ratings(*given), 0.1) == {}


def test_each_card_is_judged_by_its_own_ratings():
    assert set(
        stricter([*ratings(-1, -1, -1), *ratings(1, 1, 1, card="c2", actor="bob")], 0.1)
    ) == {"c1"}


def test_the_last_rating_of_a_person_counts():
    assert stricter([*ratings(-1, -1, -1), *ratings(1, 1, 1)], 0.1) == {}
    assert stricter([*ratings(-1, -1, -1), *ratings(1, actor="bob")], 0.1)["c1"].useless == 3


def test_ratings_are_on_the_ledger_and_projected():
    ledger = Ledger(MemoryObjects())
    given = [
        give_feedback(ledger, PATTERN, rating=rating, comment="why", actor="ann")
        for rating in (-1, 0, 1)
    ]
    ledger.append(
        "trial",
        {"run_id": "r", "strategy": "a@1", "family": "f", "road": "command"},
        actor="command",
    )
    assert ledger.verify().ok
    assert all_feedback(ledger.entries()) == given
    assert [entry.kind for entry in ledger.entries()] == [KIND] * 3 + ["trial"]
    rows = feedback_rows(ledger.entries())
    assert rows["verdict"].to_list() == ["useless", "undecided", "useful"]
    assert rows["rating"].to_list() == [-1, 0, 1]
    assert feedback_rows([]).schema == rows.schema


def test_what_is_no_rating_is_refused():
    ledger = Ledger(MemoryObjects())
    with pytest.raises(BadInput, match="no rating 2"):
        give_feedback(ledger, PATTERN, rating=2, comment="", actor="ann")
    with pytest.raises(BadInput, match="2001 characters"):
        give_feedback(ledger, PATTERN, rating=1, comment="x" * 2_001, actor="ann")
    assert ledger.entries() == []
