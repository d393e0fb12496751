"""What the gate tells of a strategy, as plain values."""

from __future__ import annotations

import json

import pytest

from configs.errors import Forbidden
from gate.accounts import note, summarise, tell
from gate.deciding.promotion import find
from gate.deciding.requests import request_promotion
from gate.stages import Stage


def test_a_summary_holds_every_rule_of_the_next_step(desk, policy):
    desk.tries("r1")
    desk.proposes("r1", figures={"sharpe_t": 1.0, "bars": 800.0})
    account = summarise(find(desk.ledger, "study"), policy)
    assert (account["stage"], account["next_stage"]) == ("dryrun", "paper")
    assert [rule["passed"] for rule in account["checks"]] == [False, True]
    assert account["trials_in_family"] == 1
    json.dumps(account)


def test_the_story_has_evidence_what_is_missing_and_its_own_entries_only(desk, policy):
    desk.tries("r1")
    desk.proposes("r1", figures={"sharpe_t": 1.0, "bars": 800.0})
    desk.tries("r2", "other@2")
    with pytest.raises(Forbidden):
        request_promotion(desk.ledger, policy, "study", to=Stage.PAPER, reason="x", actor="ann")
    story = tell(find(desk.ledger, "study"), policy, desk.ledger.entries())
    assert [entry["kind"] for entry in story["ledger"]] == ["trial", "proposal", "check"]
    assert len(story["missing"]) == 2
    assert story["evidence"]["figures"]["sharpe_t"] == 1.0
    json.dumps(story)


def test_a_note_says_what_an_entry_is_about(desk, policy):
    desk.proposes("r1")
    with pytest.raises(Forbidden):
        request_promotion(desk.ledger, policy, "study", to=Stage.LIVE, reason="x", actor="ann")
    abouts = [note(entry)["about"] for entry in desk.ledger.entries()]
    assert abouts == ["study@aaa", "study@aaa, to live: refused"]
