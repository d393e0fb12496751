"""The brake: it stops everything, whatever the ledger holds and though nothing can be written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from configs.errors import Failed, Unreachable
from gate.deciding.raising import release_brake
from gate.policy.stages import Stage
from gate.strategies.strategies import stand
from gate.strategies.tightening import halt_all
from storage.lake.objects import FolderObjects
from storage.ledger.entry import path_of
from tests.office import Office, private_key


class Full(FolderObjects):
    """A disk on which nothing new fits."""

    full = False

    def put_new(self, path, data):
        self._refuse(path)
        super().put_new(path, data)

    def put(self, path, data):
        self._refuse(path)
        super().put(path, data)

    def _refuse(self, path):
        if self.full:
            raise Unreachable(f"no space left for {path}")


@pytest.fixture
def office(tmp_path) -> Office:
    office = Office(store=Full(tmp_path / "lake"))
    office.reaches_live()
    return office


def test_on_a_full_disk_everything_is_halted_for_all_who_publish(office):
    office.store.full = True
    halted = halt_all(office.ledger, reason="stop", actor="bob")
    assert halted.entry is None
    office.store.full = False
    office.reopen()
    assert office.stage is Stage.HALTED
    another = Office(store=FolderObjects(office.store.root), policy=office.policy, now=office.now)
    another.ledger.brake._own = None  # one that has not pulled it sees the mark in the store
    assert another.stage is Stage.HALTED


def test_it_holds_over_a_ledger_that_cannot_be_read(office):
    for seq in (2, 4):
        office.store.put(path_of(seq), b"junk")
    office.ledger._log._known = []
    halted = halt_all(office.ledger, reason="stop", actor="bob")
    assert office.ledger.brake.pulled().reason == "stop"
    assert halted.entry is None or halted.troubles == ()


def test_where_it_can_be_made_nowhere_that_is_said(office, monkeypatch):
    office.store.full = True
    monkeypatch.setattr(office.ledger.brake, "_own", None)
    monkeypatch.setattr(office.ledger.brake, "_spare", lambda: None)
    with pytest.raises((Failed, Unreachable)):
        halt_all(office.ledger, reason="stop", actor="bob")


def test_a_mark_taken_away_undoes_no_entry(office):
    halt_all(office.ledger, reason="stop", actor="bob")
    office.ledger.brake.release(office.ledger.entries().mark)
    assert stand(office.ledger.entries(), office.policy).brake.seq > 0
    assert office.stage is Stage.HALTED


def test_who_releases_one_halt_does_not_take_away_the_mark_of_the_next(office):
    """A machine that is not enrolled has only the mark to halt by."""
    halt_all(office.ledger, reason="stop", actor="bob")

    def meanwhile(said: bytes) -> str:
        office.ledger.halt_at_once(reason="stop again", actor="eve")
        return private_key("ann").sign(said).hex()

    swears = replace(office.swears("ann"), sign=meanwhile)
    release_brake(office.desk, reason="go", actor="ann", swear=swears)
    brake = stand(office.ledger.entries(), office.policy).brake
    assert brake is not None
    assert brake.actor == "eve"
    release_brake(office.desk, reason="go", actor="ann", swear=office.swears("ann"))
    assert stand(office.ledger.entries(), office.policy).brake is None
