"""Signals as bytes: what they say, that they are events, and which are refused when made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from configs.errors import BadInput
from configs.keys.public import material
from gate.approval.mandate import Mandate, draw_mandate
from gate.policy.stages import Stage
from gate.signals.authority import Authority
from gate.signals.envelope import read_envelope, seal
from gate.signals.signal import TOPICS
from storage.events.envelope import LARGEST_BYTES, LIVE, PAPER, from_bytes
from tests.office import MANDATE, STUDY, Office
from tests.signalling import Desk, wrap


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def test_the_same_decision_told_twice_has_one_key_and_any_other_has_another(desk):
    signal = desk.signal()
    key = signal.key
    assert replace(signal, targets=(("MSFT", 0.1),)).key == key
    others = {replace(signal, ts=signal.published_at).key, replace(signal, stage=Stage.PAPER).key}
    assert len({key, *others}) == 3


def test_a_signal_is_an_event_like_any_other(desk):
    signal = desk.signal()
    event = from_bytes(seal(signal, desk.runner))
    assert (event.event_id, event.type, event.source) == (signal.key, "signal", STUDY)
    assert event.ts == signal.ts
    assert TOPICS == {Stage.LIVE: LIVE, Stage.PAPER: PAPER}


def test_it_carries_what_the_contract_says(desk):
    payload = read_envelope(seal(desk.signal(absent=("MSFT",)), desk.runner)).document
    assert payload["targets"][0] == {"symbol": "AAPL", "weight": 0.5}
    assert payload["mandate"] == MANDATE.document()
    assert payload["absent"] == ["MSFT"]
    assert payload["approved_by"] == ["ann", "bob"]
    assert len(payload["approval"]) == 64
    assert {each["statement"]["mandate"] for each in payload["approvals"]} == {MANDATE.digest}


def test_nothing_goes_live_without_authority(desk):
    nobody = Authority((), (), "")
    with pytest.raises(ValueError, match="without authority"):
        seal(desk.signal(authority=nobody), desk.runner)
    paper = read_envelope(seal(desk.signal(stage=Stage.PAPER, authority=nobody), desk.runner))
    assert paper.payload.approval == ""


def test_a_signal_on_paper_names_who_let_it_there():
    office = Office()
    office.reaches_paper()
    said = read_envelope(Desk(office).publish()).payload
    assert said.approved_by == ["ann"]
    assert said.approval_expires == ""
    assert [each.statement.to for each in said.approvals] == ["paper"]


def test_a_persons_kind_of_key_is_no_runners(desk):
    document = read_envelope(seal(desk.signal(), desk.runner)).document
    other = "fido2:" + document["key"].partition(":")[2]
    assert material(other) == material(document["key"])  # the same bytes, by another name
    with pytest.raises(BadInput, match="`key`"):
        read_envelope(wrap({**document, "key": other}))


def test_one_that_no_bus_carries_is_refused_with_the_reason(desk):
    many = replace(MANDATE, symbols=tuple(f"S{n:07}" for n in range(LARGEST_BYTES // 8)))
    with pytest.raises(BadInput, match="name fewer in data"):
        seal(desk.signal(mandate=many), desk.runner)


def test_bounds_are_what_the_backtest_held_with_head_room():
    assert draw_mandate(["B", "A"], 0.5, topk=4) == Mandate(("A", "B"), 1.0, 0.75, long_only=True)
    assert draw_mandate(["A"], 0.1, topk=2).weight == 0.75
    assert draw_mandate(["A"], 0.9, topk=2).weight == 1.0
