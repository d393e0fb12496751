"""Within a command the ledger is read once; what is added is as safe as without."""

from __future__ import annotations

from storage.lake.objects import MemoryObjects
from storage.ledger import Ledger


class Counted(MemoryObjects):
    reads = 0

    def get(self, path, **options):
        self.reads += path.startswith("ledger/")
        return super().get(path, **options)


def halt(strategy: str) -> dict[str, str]:
    return {"strategy": strategy, "reason": "stop"}


def strategies(ledger: Ledger) -> list[str]:
    return [entry.body["strategy"] for entry in ledger.entries("halt")]


def test_within_a_command_it_is_read_once():
    store = Counted()
    ledger = Ledger(store)
    ledger.append("halt", halt("a"), actor="ann")
    with ledger.held():
        ledger.entries()
        before = store.reads
        for _ in range(5):
            ledger.entries()
            ledger.entries("halt")
        ledger.append("halt", halt("b"), actor="ann")
        assert strategies(ledger) == ["a", "b"]
        assert store.reads == before
    ledger.entries()
    assert store.reads > before


def test_what_others_add_is_seen_when_asked_for_and_afterwards():
    store = MemoryObjects()
    ledger, other = Ledger(store), Ledger(store)
    with ledger.held():
        ledger.entries()
        other.append("halt", halt("a"), actor="bob")
        assert strategies(ledger) == []
        ledger.catch_up()
        assert strategies(ledger) == ["a"]
        other.append("halt", halt("b"), actor="bob")
        assert strategies(ledger) == ["a"]
    assert strategies(ledger) == ["a", "b"]
    with ledger.held():
        other.append("halt", halt("c"), actor="bob")
        assert strategies(ledger) == ["a", "b", "c"]  # a command begins with what there is


def test_what_is_added_is_held_against_what_others_added_meanwhile():
    store = MemoryObjects()
    ledger, other = Ledger(store), Ledger(store)
    with ledger.held():
        ledger.entries()
        other.append("halt", halt("a"), actor="bob")
        same = ledger.append(
            "halt", halt("a"), actor="ann",
            unless=lambda entries: any(entry.body == halt("a") for entry in entries),
        )  # fmt: skip
        assert same is None
        assert ledger.append("halt", halt("b"), actor="ann").seq == 2
    assert ledger.verify().ok


def test_the_brake_is_looked_at_once_too_and_again_when_asked_for():
    store = MemoryObjects()
    ledger, other = Ledger(store), Ledger(store)
    with ledger.held():
        assert ledger.entries().mark is None
        other.halt_at_once(reason="stop", actor="bob")
        assert ledger.entries().mark is None
        ledger.catch_up()
        assert ledger.entries().mark is not None
    assert ledger.entries().mark is not None
