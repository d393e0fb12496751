"""What a machine remembers of a ledger: read back as it was, or written anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from storage.ledger.checkpoint import ENTRIES, MOST_BRACKETS
from tests.forging import forge

RUN = {"run_id": "r", "strategy": "a@1", "family": "f", "road": "command"}
VALUES = {
    "whole": 10**30, "small": 5e-324, "large": 1e22, "zero": -0.0, "text": "\u2028\x00é",
    "parts": [None, True, {"a": {}}],
}  # fmt: skip


def deep(levels: int) -> list:
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.fixture
def lake(tmp_path) -> Path:
    """A ledger with an entry that counts, one of odd values, and one that nobody signed."""
    ledger = Ledger(FolderObjects(tmp_path / "lake"))
    ledger.append("trial", RUN, actor="x")
    ledger.append("trial", {**RUN, "values": VALUES, "deep": deep(MOST_BRACKETS)}, actor="x")
    forge(ledger._store, "trial", {**RUN, "values": VALUES, "deep": deep(MOST_BRACKETS)})
    ledger.entries()
    return tmp_path / "lake"


def kept(ledger: Ledger) -> Path:
    assert ledger.checkpoint
    return ledger.checkpoint._folder / ENTRIES


def remembered(lake: Path) -> list:
    ledger = Ledger(FolderObjects(lake))
    assert ledger.checkpoint
    pin = ledger.checkpoint.pin()
    assert pin
    return ledger.checkpoint.entries(pin)


def test_what_is_remembered_is_what_is_there(lake):
    read = Ledger(FolderObjects(lake), place="memory:another").written()
    again = remembered(lake)
    assert [(entry, bool(flaw)) for entry, flaw in again] == [(entry, False) for entry, _ in read]
    assert [entry.to_json() for entry, _ in again] == [entry.to_json() for entry, _ in read]
    assert json.dumps(again[1][0].body) == json.dumps(read[1][0].body)


@pytest.mark.parametrize(
    "spoil",
    [lambda path: path.write_bytes(b"x" * path.stat().st_size), Path.unlink,
     lambda path: path.write_bytes(path.read_bytes()[:-9])],
    ids=["other bytes", "gone", "cut off"],
)  # fmt: skip
def test_a_file_of_entries_that_was_spoilt_is_read_and_written_anew(lake, spoil):
    before = remembered(lake)
    spoil(kept(Ledger(FolderObjects(lake))))
    assert remembered(lake) == []
    assert len(Ledger(FolderObjects(lake)).entries()) == 3
    assert remembered(lake) == before


def test_who_remembers_less_takes_nothing_from_who_has_seen_more(lake):
    ledger = Ledger(FolderObjects(lake))
    assert ledger.checkpoint
    whole = ledger.checkpoint.pin()
    early = ledger.written()[:2]
    kept(ledger).unlink()
    assert whole
    assert ledger.checkpoint.entries(whole) == []
    pin = type(whole)(whole.place, whole.ledger, 2, early[1][0].hash, whole.founder)
    ledger.checkpoint.keep(pin, early)
    assert ledger.checkpoint.pin() == whole
