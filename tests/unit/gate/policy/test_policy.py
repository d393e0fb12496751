"""The policy: what it refuses to be, and what it asks."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from configs.errors import Forbidden
from gate.approval.mandate import Mandate
from gate.policy.in_force import document_of
from gate.policy.policy import Limit, Narrowed, Policy, Step, unmet
from gate.policy.stages import Stage
from gate.policy.watch import WATCHED, breaches, describe
from gate.signals.authority import authorise
from storage.lake.lake import Lake
from tests.office import MANDATE, POLICY, STUDY, Office, public_key


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


NARROW = Narrowed(symbols=("AAPL", "IBM"), gross=0.8, weight=0.5)


def narrowed(policy: Policy) -> Policy:
    return policy.model_copy(update={"mandate": NARROW})


class TestMandate:
    def test_what_is_left_is_what_both_allow(self):
        assert NARROW.narrow(MANDATE) == Mandate(("AAPL", "IBM"), 0.8, 0.5, long_only=True)
        assert Narrowed().narrow(MANDATE) == MANDATE
        assert POLICY.narrowed(MANDATE) == MANDATE
        assert narrowed(POLICY).narrowed(MANDATE) == NARROW.narrow(MANDATE)
        assert Narrowed(gross=0.3).narrow(MANDATE).weight == 0.3

    @pytest.mark.parametrize("part", [{"gross": 0}, {"gross": 1.1}, {"weight": -1}, {"short": 1}])
    def test_it_widens_nothing(self, part):
        with pytest.raises(ValidationError):
            Narrowed(**part)

    def test_a_policy_without_one_is_the_document_that_it_was(self):
        assert "mandate" not in document_of(POLICY)
        assert Policy.model_validate(document_of(narrowed(POLICY))) == narrowed(POLICY)

    def test_what_was_approved_wider_goes_live_no_more_and_was_live_before(self):
        office = Office()
        office.reaches_live()
        office.changes_policy(narrowed(office.policy), "ann", "bob")
        assert office.stage is Stage.LIVE  # past moves are judged by the policy of their time
        with pytest.raises(Forbidden) as refused:
            authorise(office.ledger.entries(), office.policy, STUDY, office.running, office.now)
        assert "pass what the policy allows" in str(refused.value)

    def test_what_is_wider_is_not_approved(self):
        office = Office()
        office.reaches_paper()
        office.changes_policy(narrowed(office.policy), "ann", "bob")
        with pytest.raises(Forbidden, match="pass what the policy allows"):
            office.approves("ann")

    def test_what_was_approved_wider_is_not_promoted(self):
        office = Office()
        office.reaches_paper()
        office.approves("ann")
        office.approves("bob")
        office.changes_policy(narrowed(office.policy), "ann", "bob")
        with pytest.raises(Forbidden, match="pass what the policy allows"):
            office.promotes(Stage.LIVE)
        assert office.stage is Stage.PAPER
