"""The projection is made from the ledger alone, and remembers what the ledger lost."""

from __future__ import annotations

import pytest

from storage.lake.objects import MemoryObjects
from storage.ledger import Ledger
from storage.ledger.projection import project, projected_head, projection
from storage.warehouse.chdb import open_chdb


@pytest.fixture
def warehouse(tmp_path):
    with open_chdb(tmp_path / "warehouse", lock_timeout_s=60) as opened:
        yield opened


def trial(run_id: str, number: int = 0) -> dict:
    about = {"strategy": "a@1", "family": "f", "road": "command"}
    return {"run_id": run_id, **about, "deep": {"x": [number]}}


def filled(store: MemoryObjects, count: int = 4) -> Ledger:
    ledger = Ledger(store)
    for number in range(count):
        ledger.append("trial", trial(f"r{number}", number), actor="c")
    return ledger


def test_it_is_made_anew_whatever_was_there(warehouse):
    ledger = filled(MemoryObjects())
    forged = filled(MemoryObjects(), 9)
    forged.append("halt", {"strategy": "a@1"}, actor="nobody")
    project(warehouse, forged.entries())
    project(warehouse, ledger.entries())
    rows = warehouse.query("SELECT * FROM ledger ORDER BY seq")
    assert rows.equals(projection(ledger.entries()).select(rows.columns).cast(rows.schema))


def test_it_tells_that_the_ledger_was_cut_off_or_rewritten(warehouse):
    store = MemoryObjects()
    ledger = filled(store)
    project(warehouse, ledger.entries())
    assert projected_head(warehouse) == ledger.head()
    store.delete(ledger.entries()[-1].path)
    (cut,) = Ledger(store).verify(projected_head(warehouse)).problems
    assert (cut.fault, cut.path) == ("truncated", "ledger/000000000004.json")
    Ledger(store).append("trial", trial("another"), actor="c")
    (other,) = Ledger(store).verify(projected_head(warehouse)).problems
    assert other.fault == "rewritten"


def test_of_an_empty_ledger_there_is_nothing(warehouse):
    assert projected_head(warehouse).seq == 0
    project(warehouse, [])
    assert projected_head(warehouse).seq == 0
