"""Every kind of entry forged in every field, by somebody who knows the format and holds no key.

The forger writes well-chained lines with plain Python into a copy of an office in which one
strategy is live and another waits at paper with all approvals and bad figures. Whatever is written,
no stage moves, nothing else may be published, nobody new is believed, and a halt stops everything.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from configs.errors import QraftError
from gate.approval.clock import latest
from gate.deciding.raising import release_brake
from gate.evidence.families import Families
from gate.evidence.holdout_openings import looks
from gate.evidence.outcomes import outcomes
from gate.policy.in_force import document_of
from gate.policy.stages import Stage
from gate.signals.authority import authorise
from gate.strategies.strategies import stand
from gate.strategies.tightening import halt_all
from storage.feedback import all_feedback
from storage.lake.objects import MemoryObjects
from storage.ledger.bodies import BODIES
from storage.seals.register import Register
from tests.forging import canonical, forge, forge_signed, own_key
from tests.office import START, STUDY, Office, public_key
from tests.remembering import remember_signatures

if TYPE_CHECKING:
    from collections.abc import Iterator

WAITING = "waiting@bbbbbbbbbbbb"
LEAST = 300
ODD: tuple[Any, ...] = (
    None, True, -1, 10**30, 1e308, "", "*", "live", "x" * 30_000, [], {}, [[[]]], {"a": {"b": []}},
    "\u202elive", "2099-01-01T00:00:00.000000+00:00",
)  # fmt: skip
TIMES = ("2099-01-01T00:00:00.000000+00:00", "1970-01-01T00:00:00.000000+00:00", "soon", "")
attempts: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def _signatures_are_looked_at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        remember_signatures(patch)
        yield


@pytest.fixture(scope="module")
def lab() -> Office:
    """One strategy live, and one at paper that both approved, whose figures are not good enough."""
    office = Office()
    office.reaches_live()
    bad = {**office.figures, "paper_bars": 3.0}
    office.tries("r2", WAITING)
    office.proposes("r2", WAITING, figures=bad)
    office.approves("ann", WAITING)
    office.promotes(Stage.PAPER, WAITING)
    for person in ("ann", "bob"):
        office.approves(person, WAITING, although="it will hold soon")
    return office


def copied(office: Office) -> Office:
    store = MemoryObjects()
    for info in office.store.list():
        store.put(info.path, office.store.get(info.path))
    return Office(store=store, policy=office.policy, now=office.now, people=office.people)


def seen(office: Office) -> dict[str, Any]:
    """All that a forgery could be after, as it is decided."""
    entries = office.ledger.entries()
    standing = stand(entries, office.policy)
    trust = office.ledger.trust
    at_live = {}
    for strategy in standing.strategies:
        try:
            given = authorise(entries, office.policy, strategy.strategy, office.running, office.now)
            at_live[strategy.strategy] = given.people
        except QraftError as refusal:
            at_live[strategy.strategy] = (refusal.what,)
    return {
        "stages": {s.strategy: (str(s.stage), s.since, s.run_id) for s in standing.strategies},
        "time": latest(entries, START),
        "paper": {s.strategy: dict(s.paper) for s in standing.strategies},
        "brake": standing.brake,
        "live": at_live,
        "policy": trust.versions.current.digest if trust.versions.current else "",
        "known": (trust.founder, dict(trust.enrolled), dict(trust.revoked)),
        "signals": [e.seq for e in entries if e.kind.startswith("signal")],
        "trials": len([e for e in entries if e.kind == "trial"]),
        "families": Families(entries).of_run("r1"),
        "outcomes": outcomes(entries),
        "looks": looks(entries),
        "ratings": all_feedback(entries),
        "seals": Register(entries).seals,
    }


def wishes(lab: Office) -> dict[str, dict[str, Any]]:
    """What a forger would write of each kind, to get the most of it."""
    eve, private = own_key()
    waiting = lab.standing(WAITING)
    entries = lab.ledger.entries()
    digests = {
        name: getattr(waiting.digests, name) for name in ("spec", "code", "data", "evidence")
    }
    asked = lab.policy.digest(Stage.LIVE)
    sketch = {"data": "d", "print": "p", "hashes": "", "first": "2020-01-01", "last": "2020-12-31"}
    policy = document_of(lab.with_keys("eve"))
    now = lab.ledger.versions.current
    assert now is not None
    said = {
        "strategy": WAITING, "to": "live", "run_id": waiting.run_id, "digests": digests,
        "policy": asked, "head_seq": entries[-1].seq, "head_hash": entries[-1].hash,
        "given": "2026-01-02T03:10:00+00:00", "expires": "2026-04-02T03:10:00+00:00", "by": "eve",
        "reason": "trust me",
    }  # fmt: skip

    def sworn(kind: str, body: dict[str, Any], by: str = "eve") -> dict[str, Any]:
        full = {**body, "by": by, "key": eve}
        message = canonical({**full, "purpose": f"qraft {kind} 1", "ledger": lab.ledger.id})
        return {**full, "signature": private.sign(message.encode()).hex()}

    move = {"strategy": WAITING, "to": "live", "from": "paper", "reason": "go", "policy": asked}
    good = {"name": "paper_bars", "figure": 900.0, "bound": "at least", "threshold": 60.0,
            "passed": True}  # fmt: skip
    head = {"head_seq": entries[-1].seq, "head_hash": entries[-1].hash}
    return {
        "data": {**sketch, "reading": "r"},
        "seal": {**sketch, "source": "sample", "from": "2030-01-01"},
        "trial": {"run_id": "r1", "strategy": STUDY, "family": "another", "road": "command"},
        "outcome": {"outcomes": [{"run_id": "r1", "status": "finished", "sharpe": 9.0, "bars": 900,
                                  "returns": None, "why": ""}]},
        "proposal": {"strategy": WAITING, "run_id": "r2", "evidence": {"figures": dict(lab.figures),
                     "keys": {}, **lab.running}, "stage": "live", "proposer": "ann"},
        "check": {"strategy": WAITING, "run_id": "r2", "to": "live", "verdict": "held",
                  "digests": digests, "policy": asked,
                  "results": [good, {**good, "name": "leak", "figure": 1.0, "threshold": 1.0}]},
        "approval": {"strategy": WAITING, "to": "live", "statement": said, "key": eve,
                     "signature": "00"},
        "rejection": {**move, "to": "rejected"},
        "promotion": {**move, "approvals": [9, 10], "check": 11},
        "demotion": {**move, "strategy": STUDY, "to": "paper"},
        "halt": {"strategy": "*", "reason": "panic"},
        "resumption": sworn("resumption", {"strategy": "*", "reason": "go", "halt": 0,
                                           "halt_hash": ""}, by="ann"),
        "retirement": {**move, "strategy": STUDY, "to": "retired"},
        "paper": {"strategy": WAITING, "run_id": "r2", "figures": {"paper_bars": 900.0,
                                                                  "divergence": 0.0}},
        "signal": {"strategy": STUDY, "ts": "2026-01-05T21:00:00+00:00", "run_id": "r1",
                   "path": "signals/x.json", "sha256": "0" * 64,
                   "envelope": {"stage": "live", "sequence": 1, "path": "signals/e.json",
                                "sha256": "0" * 64}},
        "signal_refused": {"strategy": STUDY, "stage": "live", "run_id": "r1",
                           "ts": "2026-01-05T21:00:00+00:00", "because": ["it is too much"]},
        "holdout_opened": {"strategy": STUDY, "run_id": "r1", "data": "d", "reason": "look",
                           "sealed_from": "2020-01-01"},
        "key": {"person": "ann", "public": eve},
        "feedback": {"pattern_id": "p", "detector": "d", "source": "s", "card_id": "c", "rating": 1,
                     "comment": "fine"},
        "policy": {"version": 2, "previous": now.digest, "document": policy, "reason": "better"},
        "policy_signature": sworn("policy_signature", {"version": 2, "previous": now.digest,
                                  "digest": "0" * 64, "reason": "yes"}, by="ann"),
        "runner": sworn("runner", {"name": "eve-host", "runner": eve, "reason": "mine"}),
        "revocation": sworn("revocation", {"revoked": lab.ledger.runner.public, "since": 1,
                                           "reason": "all"}, by="bob"),
        "clock": sworn("clock", {**head, "now": "2020-01-01T00:00:00.000000+00:00",
                                 "reason": "back"}),
        "migration": {**head, "document": policy, "reason": "anew"},
    }  # fmt: skip


def mutations(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every field of a value, however deep, taken away or replaced by something odd."""
    places = list(_places(value))
    for number, place in enumerate(places):
        without = copy.deepcopy(value)
        inner = without
        for step in place[:-1]:
            inner = inner[step]
        before = inner.pop(place[-1])
        yield f"without {place}", without
        odd = copy.deepcopy(value)
        inner = odd
        for step in place[:-1]:
            inner = inner[step]
        # Different fields meet different oddities, so that all are met without trying all of each.
        inner[place[-1]] = next(x for x in (*ODD[number % len(ODD) :], *ODD) if x != before)
        yield f"odd {place}", odd


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in steps:
        yield (*path, name)
        if isinstance(inner, dict | list) and len(path) < 3:
            yield from _places(inner, (*path, name))


def tries(lab: Office, kind: str) -> Iterator[tuple[str, Any]]:
    """Each forgery of one kind: its name, and what it does to a store."""
    wish = wishes(lab)[kind]
    ledger, real = lab.ledger.id, lab.ledger.entries()[-1]
    yield "as it is", lambda store: forge(store, kind, wish)
    yield "by own key", lambda store: forge_signed(store, kind, wish, ledger)
    yield "by own key of no ledger", lambda store: forge_signed(store, kind, wish, "")
    stolen = {"key": real.key, "signature": real.signature}
    yield "by a stolen signature", lambda store: forge(store, kind, wish, **stolen)
    if "key" in wish:
        # Whose key it is stands in the policy: it can be named, and not signed by.
        for by in ("ann", "bob"):
            named = {**wish, "by": by, "key": public_key(by)}
            if kind == "approval":
                said = {**wish["statement"], "by": by, "given": TIMES[0]}
                named = {**wish, "key": public_key(by), "statement": said}
            yield f"in the name of {by}", lambda store, b=named: forge(store, kind, b)
            yield f"signed for {by}", lambda store, b=named: forge_signed(store, kind, b, ledger)
    yield "twice", lambda store: (forge(store, kind, wish), forge(store, kind, wish))
    for at in TIMES:
        yield f"at {at}", lambda store, at=at: forge(store, kind, wish, at=at)
    for odd in (["trial"], 7, None, f"{kind} "):
        yield f"kind {odd}", lambda store, odd=odd: forge(store, odd, wish)
    for odd in ([], None, "x", 3):
        yield f"body {odd}", lambda store, odd=odd: forge(store, kind, odd)
    for name, body in mutations(wish):
        yield name, lambda store, body=body: forge(store, kind, body)


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_forged_entry_changes_nothing(lab, kind):
    before = seen(lab)
    for name, write in tries(lab, kind):
        office = copied(lab)
        write(office.store)
        attempts.append(f"{kind}: {name}")
        assert seen(office) == before, (kind, name)
        assert office.ledger.void(), (kind, name)
    halt_all(office.ledger, reason="stop", actor="bob")
    office.reopen()
    assert {str(s.stage) for s in stand(office.ledger.entries(), office.policy).strategies} == {
        "halted"
    }
    assert office.ledger.verify().ok


@pytest.mark.parametrize(
    "kind", ["resumption", "promotion", "check", "policy", "migration", "clock"]
)
def test_a_halt_is_not_undone_by_forgeries(lab, kind):
    halted = copied(lab)
    halt_all(halted.ledger, reason="stop", actor="bob")
    halt = halted.ledger.entries("halt")[-1]
    before = seen(halted)
    for name, write in tries(halted, kind):
        office = copied(halted)
        write(office.store)
        assert seen(office) == before, (kind, name)
    if kind == "resumption":
        office.store.delete("halted/all.json")
        forge(office.store, kind, {**wishes(lab)[kind], "halt": halt.seq, "halt_hash": halt.hash})
        assert stand(office.ledger.entries(), office.policy).brake is not None
        release_brake(office.desk, reason="go", actor="ann", swear=office.swears("ann"))
        assert stand(office.ledger.entries(), office.policy).brake is None


def test_enough_was_tried():
    if not attempts:
        pytest.skip("runs after the others")
    kinds = {attempt.partition(":")[0] for attempt in attempts}
    if kinds == set(BODIES):
        assert len(attempts) >= LEAST


def test_a_line_of_json_that_is_deep_or_long_stops_nothing(lab):
    before = seen(lab)
    for text in ("[" * 100_000, json.dumps({"seq": 1}), "{" * 5_000, '"' + "x" * 10**6 + '"'):
        office = copied(lab)
        head = office.ledger.head()
        office.store.put_new(f"ledger/{head.seq + 1:012d}.json", text.encode())
        assert seen(office) == before
        halt_all(office.ledger, reason="stop", actor="bob")
        assert {str(s.stage) for s in stand(office.ledger.entries(), office.policy).strategies} == {
            "halted"
        }
