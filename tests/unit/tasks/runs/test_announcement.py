"""What goes to the ledger before a result is known, in order, once, and through any kill."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gate.evidence.families import Families
from storage.lake.objects import MemoryObjects
from storage.ledger import Ledger
from tasks.dag.plan import make_plan
from tasks.ingest.sealing import Sealing
from tasks.runs.announcement import announce
from taskspecs.load import parse
from tests.market import market


class Mortal(MemoryObjects):
    """A store whose process dies before its n-th write, or right after it."""

    def __init__(self, at: int, *, after: bool) -> None:
        super().__init__()
        self.at, self.after, self.writes = at, after, 0

    def put_new(self, path: str, data: bytes) -> None:
        self.writes += 1
        if self.writes == self.at and not self.after:
            raise KeyboardInterrupt
        super().put_new(path, data)
        if self.writes == self.at:
            raise KeyboardInterrupt


def announced(store, names=("a", "b", "c")) -> int:
    plans = [
        make_plan(
            parse(f"name: {name}\nsignal:\n  expression: $close"),
            data_digest="d" * 64, original_name="x",
        )
        for name in names
    ]  # fmt: skip
    session = SimpleNamespace(
        prepared=SimpleNamespace(bars=market(0)), plan=plans[0], lake=None, settings=None
    )
    about = [(plan, {"report": "k"}) for plan in plans]
    return announce(session, Ledger(store), Sealing(), about, road="command")


def test_the_data_come_first_and_all_trials_before_any_result():
    store = MemoryObjects()
    assert announced(store) == 3
    assert [e.kind for e in Ledger(store).entries()] == ["data", "trial", "trial", "trial"]
    assert announced(store) == 0
    assert len(Ledger(store).entries()) == 4


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 5))
def test_killed_between_any_two_writes_it_goes_on_and_loses_no_trial(at, after):
    store = Mortal(at, after=after)
    with pytest.raises(KeyboardInterrupt):
        announced(store)
    assert Ledger(store).verify().ok
    announced(store)
    entries = Ledger(store).entries()
    assert [e.kind for e in entries] == ["data", "trial", "trial", "trial"]
    assert len({e.body["run_id"] for e in entries[1:]}) == 3
    families = Families(entries)
    assert len(families.trials(families.of_run(entries[1].body["run_id"]))) == 3
