"""Many entries, inspected on all processors: in order, each with what is wrong with it."""

from __future__ import annotations

import hashlib
import json

import pytest

from configs.errors import Damaged
from storage.lake.objects import MemoryObjects
from storage.ledger import Ledger, inspection
from storage.ledger.entry import GENESIS, VOID, Head, follow, path_of
from storage.ledger.runner import installed_runner
from tests.forging import canonical

RUN = {"run_id": "r", "strategy": "a@1", "family": "f", "road": "command"}
AT = "2026-01-02T03:30:00.000000+00:00"


@pytest.fixture
def store(monkeypatch) -> MemoryObjects:
    """A ledger of some batches and a bit; of every seventh entry the signature does not fit."""
    monkeypatch.setattr(inspection, "BATCH", 8)
    monkeypatch.setattr(inspection, "AHEAD", 2)
    store, head, ledger = MemoryObjects(), Head(0, GENESIS), ""
    for number in range(1, 60):
        entry = follow(
            head, kind="trial", at=AT, actor="x", body={**RUN, "n": number},
            runner=installed_runner(), ledger=ledger,
        )  # fmt: skip
        ledger, raw = ledger or entry.hash, entry.to_json()
        if number % 7 == 0:
            said = json.loads(raw) | {"signature": "0" * 128}
            del said["hash"]
            named = hashlib.sha256(canonical(said).encode()).hexdigest()
            raw = canonical({**said, "hash": named}).encode()
        store.put_new(path_of(number), raw)
        head = _head_of(raw)
    return store


def _head_of(raw: bytes) -> Head:
    value = json.loads(raw)
    return Head(value["seq"], value["hash"])


def test_each_is_told_at_its_place(store):
    ledger = Ledger(store)
    entries = ledger.entries()
    assert [entry.seq for entry in entries] == list(range(1, 60))
    assert {entry.seq for entry in entries if entry.kind == VOID} == set(range(7, 60, 7))
    assert set(ledger.void().values()) == {"its signature does not fit"}
    assert [seq for seq, _ in ledger.verify().void] == list(range(7, 60, 7))


def test_a_break_in_the_middle_is_told_and_hands_out_nothing(store):
    store.put(path_of(40), store.get(path_of(39)))
    with pytest.raises(Damaged, match=r"000000000040\.json does not"):
        Ledger(store).entries()


def test_what_was_read_before_a_break_is_still_there_when_it_is_mended(store):
    ledger = Ledger(store)
    ledger.entries()
    raw = store.get(path_of(59))
    store.put(path_of(60), raw)
    with pytest.raises(Damaged):
        ledger.entries()
    store.delete(path_of(60))
    assert len(ledger.entries()) == 59
