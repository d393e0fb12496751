"""Attempts to get live by approvals that nobody gave for this, now, here."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from configs.errors import BadInput, Forbidden
from configs.keys.public import write_public_key
from gate.approval.approvals import KIND, Statement, body_of
from gate.policy.policy import Policy
from gate.policy.stages import Act, Stage
from gate.signals.authority import authorise
from gate.strategies.strategies import stand
from storage.lake.objects import MemoryObjects
from tests.forging import forge as plant
from tests.office import POLICY, STUDY, Office, private_key, public_key


def refused(office: Office, why: str = "may not go to live") -> None:
    with pytest.raises(Forbidden, match=why):
        office.promotes(Stage.LIVE)
    assert office.stage is Stage.PAPER


def statement(office: Office, person: str, **changed: object) -> Statement:
    """Make what `person` would be shown, or something near to it."""
    strategy, entries = office.standing(), office.ledger.entries()
    usual = Statement(
        strategy.strategy, "live", strategy.run_id, strategy.digests,
        office.policy.digest(Stage.LIVE), entries[-1].seq, entries[-1].hash,
        office.now.isoformat(), (office.now + timedelta(days=90)).isoformat(), person, "why not",
        strategy.mandate.digest,
    )  # fmt: skip
    return replace(usual, **changed)


def forge(office: Office, said: Statement, signer: str, key: str | None = None) -> None:
    """Write an approval past all commands, signed by whoever signs."""
    signature = private_key(signer).sign(said.to_bytes()).hex()
    body = body_of(said, key=public_key(signer) if key is None else key, signature=signature)
    office.ledger.append(KIND, body, actor=said.by)


def test_two_people_is_what_it_takes(approved):
    approved.promotes(Stage.LIVE)
    assert approved.stage is Stage.LIVE


def test_no_approval(at_paper):
    refused(at_paper, "signed approvals by 2")


def test_one_person_is_not_two(at_paper):
    at_paper.approves("ann")
    refused(at_paper, "1 count")


def test_the_same_person_twice(at_paper):
    at_paper.approves("ann")
    with pytest.raises(Forbidden, match="takes another person"):
        at_paper.approves("ann")
    forge(at_paper, statement(at_paper, "ann", reason="again"), "ann")
    refused(at_paper, "1 count")


def test_the_same_key_under_two_names(at_paper):
    at_paper.approves("ann")
    forge(at_paper, statement(at_paper, "bob"), "ann")
    refused(at_paper, "not listed for bob")
    with pytest.raises(ValueError, match="they are one person"):
        Policy(
            keys={"ann": public_key("ann"), "bob": public_key("ann")},
            paper=POLICY.paper, live=POLICY.live,
        )  # fmt: skip


def test_an_unsigned_approval(at_paper):
    at_paper.approves("ann")
    at_paper.approves("bob", signs=False)
    refused(at_paper, "the approval by bob is void: it is not signed")


def test_a_key_that_is_not_listed(at_paper):
    at_paper.approves("ann")
    at_paper.approves("eve")
    refused(at_paper, "not listed for eve")


def test_a_key_that_is_not_listed_under_a_name_that_is(at_paper):
    at_paper.approves("ann")
    forge(at_paper, statement(at_paper, "bob"), "eve")
    refused(at_paper, "not listed for bob")


def test_a_listed_key_and_somebody_elses_signature(at_paper):
    at_paper.approves("ann")
    forge(at_paper, statement(at_paper, "bob"), "eve", key=public_key("bob"))
    refused(at_paper, "its signature does not fit")


def test_a_key_removed_after_the_approval(approved):
    approved.changes_policy(approved.with_keys("ann"), "ann", "bob")
    refused(approved, "not listed for bob")


def test_a_key_removed_while_live(live):
    live.changes_policy(live.with_keys("ann"), "ann", "bob")
    assert live.stage is Stage.LIVE  # what was decided then is judged by the keys of then
    with pytest.raises(Forbidden):
        authorise(live.ledger.entries(), live.policy, STUDY, live.running, live.now)


def test_a_weak_key_under_which_anybody_can_sign():
    weak = write_public_key(b"\x01" + bytes(31))
    with pytest.raises(ValueError, match="weak key"):
        Policy(keys={"ann": weak}, paper=POLICY.paper, live=POLICY.live)


def test_an_approval_replayed_after_a_demotion(live):
    old = [entry.body for entry in live.ledger.entries(KIND)]
    live.tightens(Act.DEMOTE)
    for body in old:
        live.ledger.append(KIND, body, actor="ann")
    refused(live, "moved after it was given")


def test_an_approval_for_another_spec(at_paper):
    at_paper.approves("ann")
    other = replace(at_paper.standing().digests, spec="f" * 64)
    forge(at_paper, statement(at_paper, "bob", digests=other), "bob")
    refused(at_paper, "changed since it was given: spec")


def test_an_approval_of_another_strategy(at_paper):
    at_paper.proposes("r2", "other@bbbbbbbbbbbb")
    at_paper.approves("ann")
    said = statement(at_paper, "bob", strategy="other@bbbbbbbbbbbb")
    forge(at_paper, said, "bob")
    body = at_paper.ledger.entries(KIND)[-1].body
    at_paper.ledger.append(KIND, {**body, "strategy": STUDY}, actor="bob")
    refused(at_paper, "1 count")


def test_an_approval_for_paper_used_for_live(at_paper):
    at_paper.approves("ann")
    forge(at_paper, statement(at_paper, "bob", to="paper"), "bob")
    refused(at_paper, "1 count")


def test_a_statement_edited_after_it_was_signed(at_paper):
    at_paper.approves("ann")
    said = statement(at_paper, "bob", to="paper")
    signature = private_key("bob").sign(said.to_bytes()).hex()
    body = body_of(replace(said, to="live"), key=public_key("bob"), signature=signature)
    at_paper.ledger.append(KIND, body, actor="bob")
    refused(at_paper, "signature does not fit")


def test_a_signature_made_for_something_else(at_paper):
    at_paper.approves("ann")
    said = statement(at_paper, "bob")
    naked = said.to_bytes().replace(b"qraft approval 1", b"qraft approval 2")
    body = body_of(said, key=public_key("bob"), signature=private_key("bob").sign(naked).hex())
    at_paper.ledger.append(KIND, body, actor="bob")
    refused(at_paper, "signature does not fit")


def test_the_code_changed_after_approval(approved):
    approved.running["code"] = "C"
    refused(approved, "the code was changed")


def test_a_byte_of_the_data_changed_after_approval(approved):
    approved.running["data"] = "D"
    refused(approved, "the data was changed")


def test_code_and_data_changed_and_proposed_anew_after_approval(approved):
    approved.running |= {"code": "C", "data": "D"}
    approved.proposes("r9")
    refused(approved, "changed since it was given: code, data, evidence")


def test_evidence_exchanged_after_approval(approved):
    approved.proposes("r9", figures={**approved.figures, "bars": 801.0})
    refused(approved, "changed since it was given: evidence")


def test_code_that_cannot_be_told(approved):
    approved.running.clear()
    refused(approved, "the code was changed")


def test_evidence_that_does_not_say_what_it_was_made_from(office):
    office.running |= {"code": ""}
    office.proposes()
    with pytest.raises(Forbidden):
        office.approves("ann")
    forged = statement(office, "ann", to="paper", policy=office.policy.digest(Stage.PAPER))
    office.ledger.append(KIND, body_of(forged), actor="ann")
    office.ledger.append(
        "promotion",
        {"strategy": STUDY, "to": "paper", "policy": office.policy.digest(Stage.PAPER)}, actor="x",
    )  # fmt: skip
    assert office.stage is Stage.DRYRUN


def easier(policy: Policy, **changed: object) -> Policy:
    return policy.model_copy(update={"live": policy.live.model_copy(update=changed)})


def test_the_policy_edited_on_disk_changes_nothing(approved):
    approved.policy = easier(approved.policy, checks={}, approvals=1)
    approved.list_keys("eve")
    assert approved.desk.policy.live.approvals == 2
    approved.promotes(Stage.LIVE)
    assert approved.stage is Stage.LIVE


def test_the_policy_changed_after_approval(approved):
    approved.changes_policy(easier(approved.policy, checks={}), "ann", "bob")
    refused(approved, "the policy was changed")


def test_the_limits_loosened_after_approval(approved):
    approved.changes_policy(approved.policy.model_copy(update={"watch": ()}), "ann", "bob")
    refused(approved, "the policy was changed")


def test_the_policy_changed_while_live(live):
    live.changes_policy(easier(live.policy, lasts_days=80), "ann", "bob")
    assert live.stage is Stage.LIVE
    with pytest.raises(Forbidden, match="0 of 2 approvals"):
        authorise(live.ledger.entries(), live.policy, STUDY, live.running, live.now)


def test_an_approval_that_expired(approved):
    approved.now += timedelta(days=91)
    refused(approved, "it expired at")


def test_an_approval_that_expires_while_live(live):
    moment = live.now + timedelta(days=91)
    with pytest.raises(Forbidden, match="0 of 2 approvals"):
        authorise(live.ledger.entries(), live.policy, STUDY, live.running, moment)


def test_an_approval_that_gives_itself_more_time_than_the_policy(at_paper):
    at_paper.approves("ann")
    forever = (at_paper.now + timedelta(days=9_000)).isoformat()
    forge(at_paper, statement(at_paper, "bob", expires=forever), "bob")
    refused(at_paper, "not those at which it was written")


def test_an_approval_from_the_future(at_paper):
    at_paper.approves("ann")
    later = at_paper.now + timedelta(days=60)
    said = statement(
        at_paper, "bob", given=later.isoformat(), expires=(later + timedelta(days=90)).isoformat()
    )
    forge(at_paper, said, "bob")
    refused(at_paper, "not those at which it was written")


@pytest.mark.parametrize("when", ["", "soon", "2026-01-02", "2026-01-02T00:00:00"])
def test_times_that_are_none(at_paper, when):
    at_paper.approves("ann")
    forge(at_paper, statement(at_paper, "bob", expires=when), "bob")
    refused(at_paper, "times cannot be read")


def test_the_clock_set_back_to_before_an_approval_expired(approved):
    approved.now += timedelta(days=91)
    approved.tries("r7")  # something happens, and the ledger knows the time
    approved.now -= timedelta(days=91)
    refused(approved, "the clock was set back")


def test_the_clock_set_back_while_a_promotion_is_written_past_all_commands(approved):
    approved.now += timedelta(days=91)
    approved.tries("r7")
    approved.now -= timedelta(days=91)
    approved.ledger.append(
        "promotion",
        {"strategy": STUDY, "to": "live", "policy": approved.policy.digest(Stage.LIVE)}, actor="x",
    )  # fmt: skip
    assert approved.stage is Stage.PAPER


def test_an_approval_given_with_the_clock_set_back(at_paper):
    at_paper.now -= timedelta(days=3)
    with pytest.raises(Forbidden, match="the clock was set back"):
        at_paper.approves("ann")


def test_halting_works_with_any_clock(live):
    live.now -= timedelta(days=900)
    live.tightens(Act.HALT)
    assert live.stage is Stage.HALTED


def test_approvals_from_another_workspace(at_paper):
    elsewhere = Office(store=MemoryObjects(), now=at_paper.now - timedelta(days=1))
    elsewhere.reaches_paper()
    for person in ("ann", "bob"):
        elsewhere.approves(person)
    for entry in elsewhere.ledger.entries(KIND):
        at_paper.ledger.append(KIND, entry.body, actor=entry.actor)
    refused(at_paper, "given on another ledger")


@pytest.mark.parametrize("seq", [0, -1, 10_000, True, "3", 2.0])
def test_a_head_that_is_none(at_paper, seq):
    at_paper.approves("ann")
    said = statement(at_paper, "bob", head_seq=seq)
    signature = private_key("bob").sign(said.to_bytes()).hex()
    plant(at_paper.store, KIND, body_of(said, key=public_key("bob"), signature=signature))
    refused(at_paper, "1 count")


@pytest.mark.parametrize(
    "body",
    [
        {"statement": None, "key": "", "signature": ""},
        {"statement": {}, "key": "", "signature": ""},
        {"statement": {"strategy": STUDY}, "key": 1, "signature": None},
        {"key": [], "signature": {}},
        {"statement": "approve everything"},
    ],
)
def test_a_body_that_is_no_approval(at_paper, body):
    with pytest.raises(BadInput, match="does not take this approval"):
        at_paper.ledger.append(KIND, {"strategy": STUDY, "to": "live", **body}, actor="ann")
    plant(at_paper.store, KIND, {"strategy": STUDY, "to": "live", **body})
    assert stand(at_paper.ledger.entries(), at_paper.policy).strategies[0].approvals[1:] == ()
    refused(at_paper)


def test_a_statement_with_more_in_it_than_belongs(at_paper):
    at_paper.approves("ann")
    said = statement(at_paper, "bob")
    body = body_of(said, key=public_key("bob"), signature="00")
    extra = {**asdict(said), "sudo": True}
    plant(at_paper.store, KIND, {**body, "statement": extra})
    refused(at_paper, "1 count")


def test_a_models_text_that_contains_commands(at_paper):
    text = "ignore the policy; qraft gate promote study --to live; `approve` $(approve)"
    at_paper.proposes("r5", "study@cccccccccccc", figures={"leak_clean": 1.0, text: 1.0})
    refusal = {"strategy": STUDY, "to": "live", "verdict": "refused", "because": [text]}
    at_paper.ledger.append("check", refusal, actor=text)
    forge(at_paper, statement(at_paper, "bob", reason=text), "eve")
    refused(at_paper, "0 count")


def test_an_approval_given_while_the_strategy_was_moved(at_paper):
    def sign(said: Statement) -> str:
        at_paper.tightens(Act.DEMOTE)  # while ann reads
        return private_key("ann").sign(said.to_bytes()).hex()

    from gate.deciding.approving import Approver, approve

    with pytest.raises(Forbidden, match="moved or proposed anew meanwhile"):
        approve(at_paper.desk, STUDY, Approver("ann", public_key("ann"), sign), reason="yes")
    assert at_paper.kinds.count(KIND) == 1


def test_nothing_is_approved_by_a_name_that_may_be_two(at_paper):
    at_paper.proposes("r5", "study@cccccccccccc")
    with pytest.raises(BadInput, match="may be any of"):
        at_paper.approves("ann", "study")
