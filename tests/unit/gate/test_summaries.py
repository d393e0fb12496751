"""What the gate tells of a strategy, as plain values."""

from __future__ import annotations

import json

import pytest

from configs.errors import Forbidden
from gate.policy.stages import Act, Stage
from gate.strategies.strategies import stand
from gate.summaries import examine, note, summarise, tell


def standing(office):
    return stand(office.ledger.entries(), office.policy)


def test_a_summary_holds_every_check_of_the_next_step(office):
    office.tries()
    office.proposes(figures={"leak_clean": 0.0, "bars": 800.0})
    account = summarise(office.standing(), office.desk)
    assert (account["stage"], account["next_stage"]) == ("dryrun", "paper")
    assert [check["passed"] for check in account["checks"]] == [False, True]
    assert account["trials_in_family"] == 1
    json.dumps(account)


def test_what_is_missing_is_told_with_why_an_approval_is_void(office):
    office.proposes()
    office.approves("ann")
    office.proposes(figures={"leak_clean": 0.0, "bars": 800.0})
    account = examine(office.standing(), standing(office), office.desk)
    assert account["missing"][0].startswith("leak must be yes, and is no")
    assert account["missing"][1:] == [
        "approvals by 1 different people; 0 count",
        "the approval by ann is void: changed since it was given: evidence",
    ]
    assert account["approvals"][0]["void"] == "changed since it was given: evidence"


def test_the_story_has_evidence_and_its_own_entries_only(office):
    office.tries()
    office.proposes()
    office.tries("r2", "other@2")
    with pytest.raises(Forbidden):
        office.promotes(Stage.PAPER)
    story = tell(office.standing(), standing(office), office.desk)
    assert [entry["kind"] for entry in story["ledger"]] == ["trial", "proposal", "check"]
    assert len(story["missing"]) == 1
    assert story["evidence"]["figures"]["bars"] == 800.0
    assert story["watched"] == []
    json.dumps(story)


def test_a_running_strategy_tells_what_it_is_watched_for(office):
    office.reaches_live()
    story = tell(office.standing(), standing(office), office.desk)
    assert story["next_stage"] is None
    assert story["missing"] == []
    assert [a["by"] for a in story["approvals"] if not a["void"]] == ["ann", "bob"]
    assert story["watched"][0].startswith("demote when drawdown is above 0.3")


def test_an_entry_that_is_not_believed_is_shown_with_why(office):
    office.proposes()
    office.ledger.append("promotion", {"strategy": "study@aaaaaaaaaaaa", "to": "paper"}, actor="x")
    story = tell(office.standing(), standing(office), office.desk)
    assert story["stage"] == "dryrun"
    assert story["not_believed"] == [{"seq": 2, "why": "no policy was in force"}]


def test_a_note_says_what_an_entry_is_about(office):
    office.proposes()
    with pytest.raises(Forbidden):
        office.promotes(Stage.PAPER)
    office.tightens(Act.RETIRE)
    abouts = [note(entry)["about"] for entry in office.ledger.entries()]
    assert abouts == [
        "study@aaaaaaaaaaaa",
        "study@aaaaaaaaaaaa, to paper: refused",
        "study@aaaaaaaaaaaa, to retired",
    ]
