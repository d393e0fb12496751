"""A ledger of the first edition, whose entries nobody signed, goes on and loses nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest

from configs.errors import Forbidden
from configs.remedies import Mend
from gate.approval.approvals import Statement, body_of, evidence_of
from gate.deciding.root import migrate
from gate.policy.stages import Act, Stage
from storage.lake.objects import MemoryObjects
from tests.forging import forge, forge_signed, newest
from tests.office import START, STUDY, Office, private_key, public_key


@pytest.fixture
def old() -> Office:
    """An office whose ledger was written by the first edition: a strategy went live by two keys."""
    office = Office(store=MemoryObjects())
    store = office.store
    minute = iter(range(1, 60))

    def write(kind: str, body: dict, actor: str) -> int:
        office.now = START + timedelta(minutes=next(minute))
        at = office.now.isoformat(timespec="microseconds")
        return forge(store, kind, body, at=at, actor=actor)

    evidence = {"figures": office.figures, "keys": {"report": "k" * 64}, **office.running}
    trial = {"run_id": "r1", "strategy": STUDY, "family": "f", "road": "command", "data": "d"}
    write("trial", trial, "command")
    write("proposal", {"strategy": STUDY, "run_id": "r1", "stage": "dryrun", "evidence": evidence},
          "run")  # fmt: skip

    def approves(person: str, to: str, days: int, *, signs: bool) -> int:
        seq, head = newest(store)
        said = Statement(
            STUDY, to, "r1", evidence_of(evidence), office.policy.digest(Stage(to)), seq, head,
            office.now.isoformat(timespec="microseconds"),
            (office.now + timedelta(days=days)).isoformat(), person, "I read it",
        )  # fmt: skip
        signature = private_key(person).sign(said.to_bytes()).hex() if signs else ""
        key = public_key(person) if signs else ""
        return write("approval", body_of(said, key=key, signature=signature), person)

    def promotes(before: str, to: str, given: list[int]) -> None:
        write("promotion", {
            "strategy": STUDY, "run_id": "r1", "to": to, "reason": "go", "from": before,
            "policy": office.policy.digest(Stage(to)), "approvals": given, "figures": {},
        }, "ann")  # fmt: skip

    promotes("dryrun", "paper", [approves("ann", "paper", 14, signs=False)])
    given = [approves(person, "live", 90, signs=True) for person in ("ann", "bob")]
    promotes("paper", "live", given)
    office.reopen()
    return office


def test_before_it_is_migrated_nothing_of_it_counts_and_the_way_is_told(old):
    assert {entry.kind for entry in old.ledger.entries()} == {"void"}
    with pytest.raises(Forbidden, match="first edition") as refused:
        old.tries("r2")
    assert refused.value.remedy == Mend.MIGRATE_LEDGER()


def test_migrated_nothing_is_lost_and_what_was_decided_stands(old):
    before = old.ledger.written()
    entry = migrate(old.ledger, old.policy, reason="the new edition", actor="ann")
    assert [e for e, _ in old.ledger.written()][:-1] == [e for e, _ in before]
    assert old.ledger.void() == {}
    assert old.standing().stage is Stage.LIVE
    assert old.standing().unfounded == ()
    assert (entry.body["head_seq"], entry.body["head_hash"]) == (before[-1][0].seq, entry.prev)
    assert asdict(old.standing().digests)["spec"] == old.running["spec"]
    old.tries("r2")
    old.tightens(Act.HALT)
    assert old.standing().stage is Stage.HALTED
    old.reopen()
    assert old.ledger.verify().ok


def test_after_it_a_line_that_nobody_signed_counts_for_nothing(old):
    migrate(old.ledger, old.policy, reason="the new edition", actor="ann")
    promotion = old.ledger.entries("promotion")[0].body
    old.tightens(Act.DEMOTE)
    seq = forge(old.store, "promotion", {**promotion, "to": "live"})
    assert old.ledger.void() == {seq: "nobody known signed it"}
    assert old.standing().stage is Stage.PAPER


def test_it_is_migrated_once_and_not_again_by_somebody_else(old):
    migrate(old.ledger, old.policy, reason="the new edition", actor="ann")
    with pytest.raises(Forbidden, match="not of the first edition"):
        migrate(old.ledger, old.policy, reason="again", actor="ann")
    head = old.ledger.head()
    body = {"head_seq": head.seq, "head_hash": head.hash, "document": {}, "reason": "mine"}
    forge_signed(old.store, "migration", body, old.ledger.id)
    assert list(old.ledger.void()) == [head.seq + 1]


def test_an_old_forgery_that_its_policy_did_not_believe_stays_disbelieved(old):
    body = {"strategy": "other@1", "run_id": "r", "stage": "dryrun", "evidence": {"figures": {}}}
    forge(old.store, "proposal", body)
    forge(old.store, "promotion", {"strategy": "other@1", "to": "paper", "policy": "x"})
    migrate(old.ledger, old.policy, reason="the new edition", actor="ann")
    assert old.standing("other").stage is Stage.DRYRUN
