"""Forged, changed, replayed and outrageous signals: none is whole, and none is acted on.

Both who verifies by the ledger and the consumer's one file are asked about each; they agree.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.approval.mandate import Mandate
from gate.deciding.root import enrol, revoke
from gate.policy.stages import Act, Stage
from gate.signals.envelope import read_envelope, seal
from gate.signals.rules import Fault
from storage.ledger import Ledger
from tests.forging import canonical, forge, forge_signed
from tests.office import MANDATE, START, STUDY, Office, private_key, public_key
from tests.signalling import Desk, changed, eve, load_consumer, misspelt, signed, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST = 400
LEDGER_ONLY = {Fault.REVOKED, Fault.UNTOLD}
"""What nobody can tell who has no ledger."""
OTHER = "other@bbbbbbbbbbbb"
attempts: list[str] = []
consumer = load_consumer()


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def told(desk) -> list[bytes]:
    """Three signals in a row, each whole."""
    return [desk.publish() for _ in range(3)]


@pytest.fixture
def consume(desk, tmp_path):
    """Make a consumer that pins the runner and both signers, and knows nothing yet."""
    books = []

    def make(**more: Any) -> Any:
        book = consumer.open_book(tmp_path / f"book{len(books)}.sqlite")
        books.append(book)
        rules = {"keys": {desk.key}, "signers": {public_key("ann"), public_key("bob")}, **more}
        return consumer.Consumer(book, consumer.Rules(**rules), consumer.act)

    yield make
    for book in books:
        book.close()


def refused_by_both(desk: Desk, consume, before: list[bytes], raw: bytes, name: str) -> str:
    """Ask both, after the same signals; return the fault."""
    attempts.append(name)
    verifier, mine = desk.verifier(), consume
    for each in before:
        assert verifier.verify(each).found.fault is Fault.NONE
    verdict, found = mine.receive(raw, desk.office.now), verifier.verify(raw).found
    assert found.fault is not Fault.NONE, name
    assert found.why, name
    assert not verdict.acted, name
    return f"{found.fault} | {verdict.fault}"


def test_whole_signals_are_acted_on_once(desk, told, consume):
    verifier, mine = desk.verifier(), consume()
    for raw in told:
        assert verifier.verify(raw).found == (Fault.NONE, "")
        assert mine.receive(raw, desk.office.now).acted
    for raw in told:
        assert verifier.verify(raw).found.fault is Fault.REPEATED
        assert mine.receive(raw, desk.office.now).fault == "repeated"
    wanted = mine.book.execute("SELECT symbol, weight FROM wanted ORDER BY symbol").fetchall()
    assert wanted == [("AAPL", 0.5), ("IBM", 0.25)]


def test_the_same_signal_is_the_same_bytes(desk):
    signal = desk.signal()
    assert seal(signal, desk.runner) == seal(signal, desk.runner)
    assert read_envelope(seal(signal, desk.runner)).payload.idempotency_key == signal.key


def test_other_bytes_are_no_signal(desk, told, consume):
    mine = consume()
    for name, raw in misspelt(told[-1]):
        fault = refused_by_both(desk, mine, told[:-1], raw, name)
        assert fault.partition(" | ")[0] in {"no signal", "bad signature", "unknown key"}, name


def test_what_was_changed_after_it_was_signed_fits_no_signature(desk, told, consume):
    mine, document = consume(), json.loads(told[-1])["payload"]
    for name, payload in changed(document):
        refused_by_both(desk, mine, told[:-1], wrap(payload), f"changed {name}")


def test_what_a_forger_signs_is_of_no_known_key(desk, told, consume):
    mine, document = consume(), json.loads(told[-1])["payload"]
    for name, payload in changed(document):
        raw = signed(payload, eve())
        fault = refused_by_both(desk, mine, told[:-1], raw, f"by own key {name}")
        assert fault in {"no signal | no signal", "unknown key | unknown key",
                         "no signal | unknown key"}, name  # fmt: skip


def test_what_a_forger_changes_of_the_envelope(desk, told, consume):
    mine, value = consume(), json.loads(told[-1])
    for name, other in changed(value):
        if name.count("'payload'") and "," in name:
            continue  # the payload has its own tests
        refused_by_both(desk, mine, told[:-1], canonical(other).encode(), f"envelope {name}")


@pytest.mark.parametrize(
    "wider",
    [
        {"symbols": (*MANDATE.symbols, "EVIL")}, {"weight": 1.0}, {"long_only": False},
        {"gross": 2.0}, {"symbols": ("AAPL", "IBM")},
    ],
    ids=str,
)  # fmt: skip
def test_a_runner_cannot_carry_other_bounds_on_paper_than_were_proposed(wider):
    office = Office()
    office.reaches_paper()
    paper = Desk(office)
    raw = paper.publish(mandate=replace(MANDATE, **wider))
    found = paper.verifier().verify(raw).found
    assert found.fault is Fault.BOUNDS
    assert "was proposed with" in found.why
    whole = paper.publish()
    assert paper.verifier().verify(whole).found.fault is Fault.NONE
    attempts.append(f"other bounds on paper {wider}")


BEYOND: dict[str, dict[str, Any]] = {
    "a symbol that nobody approved": {"targets": (("EVIL", 0.1),)},
    "a symbol that looks like another": {"targets": (("\u0410APL", 0.1),)},
    "too much of one": {"targets": (("AAPL", 0.7),)},
    "a little too much of one": {"targets": (("AAPL", 0.6 + 1e-6),)},
    "25 and -7": {"targets": (("AAPL", 25.0), ("IBM", -7.0))},
    "short": {"targets": (("AAPL", -0.1),)},
    "too much in all": {"targets": (("AAPL", 0.5), ("IBM", 0.5), ("MSFT", 0.1))},
    "one twice": {"targets": (("AAPL", 0.4), ("AAPL", 0.4))},
    "huge": {"targets": (("AAPL", 1e308),)},
    "tiny sums to much": {"targets": tuple(("AAPL", 1e-3) for _ in range(2_000))},
}
"""What even the runner's key cannot sign: the bounds are in what people approved."""


@pytest.mark.parametrize("name", BEYOND)
def test_weights_outside_their_bounds(desk, told, consume, name):
    raw = desk.tell(seal(desk.signal(**BEYOND[name]), desk.runner))
    assert refused_by_both(desk, consume(), told, raw, name) == "outside bounds | outside bounds"


WEIGHTS = (True, False, None, "0.5", 1, 0, [], {}, [0.5])


@pytest.mark.parametrize("weight", WEIGHTS, ids=repr)
def test_weights_that_are_no_numbers(desk, told, consume, weight):
    payload = json.loads(told[-1])["payload"]
    payload["targets"][0]["weight"] = weight
    raw = signed(payload, desk.runner)
    name = f"weight {weight!r}"
    assert refused_by_both(desk, consume(), [], raw, name) == "no signal | no signal"


def stretched(desk: Desk) -> Iterator[tuple[str, bytes]]:
    """What somebody signs who has the runner's key, and no person's."""
    wide = Mandate((*MANDATE.symbols, "EVIL"), 9.0, 9.0, long_only=False)
    yield (
        "a mandate of its own",
        seal(desk.signal(mandate=wide, targets=(("EVIL", 5.0),)), desk.runner),
    )
    base = json.loads(seal(desk.signal(), desk.runner))["payload"]

    def with_approvals(edit: Any) -> bytes:
        from taskspecs.identity import digest

        payload = json.loads(json.dumps(base))
        edit(payload["approvals"])
        payload["approval"] = digest(payload["approvals"]) if payload["approvals"] else ""
        payload["approved_by"] = [each["statement"]["by"] for each in payload["approvals"]]
        ends = [each["statement"]["expires"] for each in payload["approvals"]]
        payload["approval_expires"] = min(ends, default="2099-01-01T00:00:00+00:00")
        return signed(payload, desk.runner)

    def edit(**fields: Any) -> Any:
        return lambda given: given[0]["statement"].update(fields)

    yield "nobody's approval", with_approvals(list.clear)
    yield "one approval", with_approvals(lambda given: given.pop())
    yield "one approval twice", with_approvals(lambda given: given.__setitem__(1, given[0]))
    yield "for another strategy", with_approvals(edit(strategy=OTHER))
    yield "for paper", with_approvals(edit(to="paper"))
    yield "that lasts longer", with_approvals(edit(expires="2099-01-01T00:00:00+00:00"))
    yield "by somebody else", with_approvals(edit(by="eve"))
    yield "of other bounds", with_approvals(edit(mandate="0" * 64))
    yield "of no bounds", with_approvals(lambda given: given[0]["statement"].pop("mandate"))
    digests = base["approvals"][0]["statement"]["digests"]
    for name in ("spec", "code", "data"):
        yield f"of another {name}", with_approvals(edit(digests={**digests, name: "e" * 64}))
    yield "without a signature", with_approvals(lambda given: given[0].update(signature=""))
    yield (
        "by a signer of its own",
        with_approvals(
            lambda given: given[0].update(
                key=public_key("eve"), signature=private_key("eve").sign(b"x").hex()
            )
        ),
    )
    yield "an approval that it does not carry", signed({**base, "approval": "e" * 64}, desk.runner)
    yield "no approval named", signed({**base, "approval": ""}, desk.runner)
    yield "other people", signed({**base, "approved_by": ["ann"]}, desk.runner)
    yield (
        "a later end",
        signed({**base, "approval_expires": "2099-01-01T00:00:00+00:00"}, desk.runner),
    )
    for name in ("spec", "code", "data"):
        yield f"another {name}", signed({**base, name: "e" * 64}, desk.runner)


def test_approvals_cannot_be_stretched_by_whoever_has_the_runners_key(desk, told, consume):
    for name, raw in stretched(desk):
        fault = refused_by_both(desk, consume(), told, desk.tell(raw), f"stretched: {name}")
        assert fault == "approval not in force | approval not in force", name


def ahead(desk: Desk) -> Iterator[tuple[str, bytes]]:
    far = desk.office.now + timedelta(days=30_000)
    yield "a bar of 2099", seal(desk.signal(ts=far, valid_until=far), desk.runner)
    yield (
        "published in 2099",
        seal(
            desk.signal(ts=far, published_at=far, valid_until=far + timedelta(days=1)), desk.runner
        ),
    )
    soon = desk.office.now + timedelta(minutes=3)
    yield "published in three minutes", seal(desk.signal(published_at=soon), desk.runner)


def test_what_is_of_the_future(desk, told, consume):
    for name, raw in ahead(desk):
        fault = refused_by_both(desk, consume(), told, raw, name)
        assert fault == "from the future | from the future", name


def test_what_goes_back(desk, consume):
    own = Desk()
    raws = [own.publish() for _ in range(4)]
    mine = consume(keys={own.key})
    for raw in (raws[0], raws[2]):
        assert mine.receive(raw, own.office.now).acted
    assert refused_by_both(own, mine, [raws[0], raws[2]], raws[1], "older") == (
        "not monotone | not monotone"
    )
    newest = read_envelope(raws[2]).document
    for name, edit in {
        "another for that time": {"targets": [{"symbol": "MSFT", "weight": 0.5}]},
        "the same number, later": {"sequence": newest["sequence"]},
    }.items():
        later = seal(own.signal(), own.runner) if "later" in name else raws[2]
        raw = signed({**read_envelope(later).document, **edit}, own.runner)
        assert refused_by_both(own, mine, [raws[0], raws[2]], raw, name) == (
            "not monotone | not monotone"
        )
    assert mine.receive(raws[3], own.office.now).acted


def test_what_is_replayed_from_elsewhere(desk, told, consume):
    paper = Desk(_at_paper())
    raw = paper.publish()
    mine = consume(keys={paper.key})
    assert read_envelope(raw).payload.stage == "paper"
    assert mine.receive(raw, paper.office.now).fault == "not ours"
    assert consume(strategies={OTHER}).receive(told[0], desk.office.now).fault == "not ours"
    elsewhere = desk.verifier(now=paper.office.now).verify(raw).found
    assert elsewhere == (Fault.UNTOLD, "it is of another ledger")
    document = read_envelope(raw).document
    for name, edit in {
        "paper as live": {"stage": "live"},
        "as another strategy's": {"strategy": OTHER},
        "as a later one": {"ts": document["published_at"]},
    }.items():
        refused_by_both(paper, mine, [], wrap({**document, **edit}), name)
    live = signed({**document, "stage": "live", "idempotency_key": _key(document, "live")},
                  paper.runner)  # fmt: skip
    assert refused_by_both(paper, mine, [], live, "paper as live, signed") == (
        "approval not in force | approval not in force"
    )


def _at_paper() -> Office:
    office = Office(now=START + timedelta(days=1))
    office.reaches_paper()
    return office


def _key(document: dict[str, Any], stage: str) -> str:
    from gate.signals.signal import key_of

    return key_of(document["strategy"], stage, document["ts"])


WEIGHT = st.one_of(
    st.sampled_from([0.0, -0.0, 0.6, 0.6 + 5e-10, 0.6 + 2e-9, 1 / 3, 5e-324, 1e-7, 1e308, -1e-12]),
    st.floats(-2, 2), st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
TARGETS = st.lists(
    st.tuples(st.sampled_from([*MANDATE.symbols, "EVIL", "aapl", "\u00e9"]), WEIGHT), max_size=4
)
AWAY = st.sampled_from([-90_000, -1, 0, 59, 60, 61, 3_600, 10**9])
SHAPES = st.fixed_dictionaries(
    {},
    optional={
        "targets": TARGETS,
        "mandate": st.builds(
            Mandate, st.just(MANDATE.symbols), st.sampled_from([1.0, 0.5]),
            st.sampled_from([0.6, 1e-9]), st.booleans(),
        ),
        "sequence": st.sampled_from([1, 2, 3, 10**30]),
    },
)  # fmt: skip


@given(shape=SHAPES, ts=AWAY, published=AWAY, stage=st.sampled_from([Stage.LIVE, Stage.PAPER]))
@settings(max_examples=300)
def test_both_find_the_same_of_whatever_the_runners_key_signs(desk, shape, ts, published, stage):
    """What only the ledger can tell is the one difference: it did not tell any of these."""
    now = desk.office.now
    signal = replace(
        desk.signal(stage=stage, **shape),
        ts=now + timedelta(seconds=ts), published_at=now + timedelta(seconds=published),
    )  # fmt: skip
    raw = seal(signal, desk.runner)
    book = consumer.open_book(":memory:")
    rules = consumer.Rules(keys={desk.key}, stage=str(stage))
    verdict = consumer.Consumer(book, rules, consumer.act).receive(raw, now)
    book.close()
    found = desk.verifier(now).verify(raw).found
    fault = "acted" if found.fault is Fault.UNTOLD else str(found.fault)
    assert verdict.fault in {fault, "too late"}, (found, verdict)
    if verdict.fault == "too late":
        assert fault == "acted"


def test_a_signal_that_the_ledger_does_not_tell(desk, told):
    raw = seal(desk.signal(), desk.runner)
    assert desk.verifier().verify(raw).found == (
        Fault.UNTOLD, "no entry of this ledger tells it",
    )  # fmt: skip
    told_ts = read_envelope(told[1]).document
    other = signed({**told_ts, "targets": [{"symbol": "MSFT", "weight": 0.5}]}, desk.runner)
    assert "another was published" in desk.verifier().verify(other).found.why


def test_a_forged_entry_makes_no_signal_of_one(desk, told):
    """G5: a line of the ledger that nobody known signed tells nothing."""
    own = Desk()
    raw = signed(read_envelope(seal(own.signal(), own.runner)).document, eve())
    envelope = read_envelope(raw)
    sent = {"stage": "live", "sequence": 1, "path": "signals/e", "sha256": envelope.sha256}
    body = {
        "strategy": STUDY, "ts": envelope.payload.ts, "run_id": "r1", "path": "signals/x.json",
        "sha256": "0" * 64, "envelope": sent,
    }  # fmt: skip
    forge(own.office.store, "signal", body)
    forge_signed(own.office.store, "signal", body, own.office.ledger.id)
    own.office.reopen()
    assert own.verifier().verify(raw).found.fault is Fault.UNKNOWN


def test_a_key_that_was_taken_back():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from storage.ledger.runner import Runner

    office = Office()
    office.reaches_live()
    second = Runner(Ed25519PrivateKey.from_private_bytes(b"host".ljust(32, b".")))
    enrol(office.ledger, "host", second.public, reason="new", actor="ann",
          swear=office.swears("ann"))  # fmt: skip
    host = Office(store=office.store, policy=office.policy, now=office.now)
    host.ledger = Ledger(host.store, clock=host.tick, runner=second, place="")
    theirs = Desk(host)
    before, stolen = theirs.publish(), theirs.publish()
    since = office.ledger.entries()[-1].seq
    office.now = host.now
    revoke(office.ledger, second.public, since=since, reason="broken into", actor="bob",
           swear=office.swears("bob"))  # fmt: skip
    mine = Desk(office)
    assert mine.verifier().verify(before).found.fault is Fault.NONE  # when it still counted
    assert mine.verifier().verify(stolen).found.fault is Fault.REVOKED
    late = seal(theirs.signal(), second)
    assert mine.verifier().verify(late).found.fault is Fault.REVOKED


def test_approvals_that_were_not_in_force():
    office = Office()
    office.reaches_live()
    own = Desk(office)
    spent = own.authority()
    office.tightens(Act.DEMOTE)
    office.approves("ann")
    office.approves("bob")
    office.promotes(Stage.LIVE)
    fresh = own.publish()
    stale = own.tell(seal(own.signal(authority=spent), own.runner))
    verifier = own.verifier()
    assert verifier.verify(fresh).found.fault is Fault.NONE
    assert verifier.verify(stale).found.fault is Fault.APPROVAL
    office.tightens(Act.HALT)
    after = own.tell(seal(own.signal(stage=Stage.LIVE, authority=spent), own.runner))
    assert own.verifier().verify(after).found == (
        Fault.APPROVAL, f"{STUDY} is at halted",
    )  # fmt: skip


def test_a_statement_of_before_there_were_bounds_covers_no_live_signal(desk):
    from configs.errors import Forbidden
    from gate.signals.authority import authorise

    office = Office()
    office.proposes()
    seen = office.standing()
    assert seen.mandate == MANDATE
    old = Office()
    old.tries()
    evidence = {"figures": old.figures, "keys": {}, **old.running}
    body = {"strategy": STUDY, "run_id": "r1", "stage": "dryrun", "evidence": evidence}
    old.ledger.append("proposal", body, actor="run")
    old.approves("ann")
    old.promotes(Stage.PAPER)
    old.approves("ann")
    old.approves("bob")
    old.promotes(Stage.LIVE)
    assert old.stage is Stage.LIVE
    with pytest.raises(Forbidden, match="before approvals named symbols and bounds"):
        authorise(old.ledger.entries(), old.policy, STUDY, old.running, old.now)


def test_approvals_are_void_for_other_symbols_or_bounds(at_paper):
    from configs.errors import Forbidden
    from gate.approval.approvals import KIND, body_of
    from tests.fault.attacks.test_approvals import statement

    at_paper.approves("ann")
    said = replace(statement(at_paper, "bob"), mandate="0" * 64)
    signature = private_key("bob").sign(said.to_bytes()).hex()
    at_paper.ledger.append(
        KIND, body_of(said, key=public_key("bob"), signature=signature), actor="bob"
    )
    with pytest.raises(Forbidden, match="other symbols, or other bounds"):
        at_paper.promotes(Stage.LIVE)


def test_enough_was_tried():
    if len(attempts) > 10:
        assert len(attempts) >= LEAST, len(attempts)
