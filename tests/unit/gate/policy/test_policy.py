"""The policy: what it refuses to be, and what it asks."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gate.policy.policy import Limit, Policy, Step, unmet
from gate.policy.stages import Stage
from gate.policy.watch import WATCHED, breaches, describe
from storage.lake.lake import Lake
from tests.office import POLICY, Office, public_key


def step(**changed):
    return {"approvals": 1, "lasts_days": 1, "checks": {}, **changed}


def test_checks_refuse_and_advice_informs():
    office = Office()
    office.proposes(figures={"leak_clean": 0.0, "bars": 800.0})
    asked = Step(approvals=1, lasts_days=1, checks={"leak": 1, "bars": 500}, advice={"costs": 1})
    from gate.evidence.judging import evidence_on_hand

    verdicts = asked.judge(evidence_on_hand(office.standing(), office.ledger, Lake(office.store)))
    assert [(v.name, v.passed, v.advice) for v in verdicts] == [
        ("leak", False, False), ("bars", True, False), ("costs", False, True),
    ]  # fmt: skip
    (line,) = unmet(verdicts)
    assert line.startswith("leak must be yes, and is no")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (step(approvals=0), "greater than or equal to 1"),
        (step(approvals=2, signed=False), "only signatures tell people apart"),
        (step(lasts_days=0), "greater than 0"),
        (step(checks={"laek": 1}), "did you mean 'leak'"),
        (step(advice={"nothing": 1}), "allowed: "),
    ],
)
def test_a_step_that_proves_nothing_is_no_step(changed, why):
    with pytest.raises(ValidationError, match=why):
        Step(**changed)


def test_one_key_is_one_person():
    with pytest.raises(ValidationError, match="ann and bob have the same key"):
        Policy(
            keys={"ann": public_key("ann"), "bob": public_key("ann")},
            paper=POLICY.paper, live=POLICY.live,
        )  # fmt: skip


def test_live_is_always_signed():
    unsigned = POLICY.live.model_copy(update={"approvals": 1, "signed": False})
    with pytest.raises(ValidationError, match="the step to live needs `signed: true`"):
        Policy(paper=POLICY.paper, live=unsigned)


def test_the_digest_is_of_what_is_asked_and_not_of_who_may_sign():
    listed = POLICY.model_copy(update={"keys": {"ann": public_key("ann")}})
    assert listed.digest(Stage.LIVE) == POLICY.digest(Stage.LIVE)
    easier = POLICY.model_copy(update={"live": POLICY.live.model_copy(update={"lasts_days": 91})})
    assert easier.digest(Stage.LIVE) != POLICY.digest(Stage.LIVE)
    assert easier.digest(Stage.PAPER) == POLICY.digest(Stage.PAPER)
    unwatched = POLICY.model_copy(update={"watch": ()})
    assert unwatched.digest(Stage.LIVE) != POLICY.digest(Stage.LIVE)


def test_limits_are_passed_from_above_and_halting_comes_first():
    policy = POLICY.model_copy(
        update={
            "watch": (
                Limit(figure="drawdown", at_most=0.3, then="demote"),
                Limit(figure="stale_hours", at_most=10, then="halt"),
            )
        }
    )
    assert breaches(policy, {"drawdown": 0.3, "stale_hours": None}) == []
    found = breaches(policy, {"drawdown": 0.31, "stale_hours": 11.0})
    assert [breach.then for breach in found] == ["halt", "demote"]
    assert found[0].reason == "stale_hours is 11, at most 10 is allowed"
    assert len(describe(policy.watch)) == 2


def test_only_what_is_watched_can_be_limited():
    with pytest.raises(ValidationError, match="did you mean 'drawdown'"):
        Limit(figure="draw_down", at_most=1, then="halt")
    assert all(WATCHED.values())
