"""Clocks that are out: what they may write, and what they cannot freeze."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

import storage.ledger.ledger
from configs.errors import Forbidden
from configs.remedies import Mend
from gate.deciding.root import reset_clock
from gate.policy.stages import Act, Stage
from gate.signals.authority import authorise
from gate.strategies.tightening import halt_all
from storage.lake.objects import FolderObjects, MemoryObjects
from storage.ledger import Ledger
from storage.ledger.clocks import SILENCE, Witnesses, store_time
from tests.office import START, STUDY, Office

TRIAL = {"run_id": "r", "strategy": "a@1", "family": "f", "road": "command"}
DAY, YEAR, DECADE = timedelta(days=1), timedelta(days=365), timedelta(days=3_652)


@pytest.fixture
def live() -> Office:
    office = Office()
    office.reaches_live()
    return office


@pytest.fixture
def says(monkeypatch):
    """Set this machine's own clock."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(storage.ledger.ledger, "_now", lambda: moment)

    return set_to


def decides(office: Office) -> None:
    """What is frozen where the ledger's time is ahead of the clock."""
    authorise(office.ledger.entries(), office.policy, STUDY, office.running, office.now)
    office.approves("ann")


@pytest.mark.parametrize("out", [YEAR, DECADE, timedelta(days=36_500)])
def test_a_clock_that_is_far_ahead_writes_nothing_but_stops(live, out):
    there = len(live.ledger.entries())
    live.now += out
    for act in (
        lambda: live.tries("r9"), lambda: live.proposes("r9"), lambda: live.approves("ann"),
    ):  # fmt: skip
        with pytest.raises(Forbidden, match="the newest entry is of 2026-01-02") as refused:
            act()
        assert refused.value.remedy == Mend.RESET_CLOCK()
    assert len(live.ledger.entries()) == there
    live.tightens(Act.DEMOTE)
    halted = halt_all(live.ledger, reason="stop", actor="bob")
    assert halted.entry.at <= (START + DAY).isoformat()
    assert live.stage is Stage.HALTED
    live.now -= out
    live.tries("r10")  # and nothing is frozen


def test_nothing_is_frozen_after_a_clock_that_was_far_ahead(live):
    live.now += DECADE
    with pytest.raises(Forbidden):
        live.tries("r9")
    live.now -= DECADE
    decides(live)


def test_a_day_ahead_is_a_silence_like_any_other_and_heals_by_itself(live):
    live.now += DAY
    live.tries("r9")
    live.now -= DAY
    assert "one of the two clocks is wrong" in live.ledger.ahead()
    with pytest.raises(Forbidden, match="the clock was set back"):
        live.approves("ann")
    live.now += DAY
    assert live.ledger.ahead() == ""
    decides(live)


def test_a_day_ahead_is_healed_at_once_by_a_signature(live):
    live.now += DAY
    live.tries("r9")
    live.now -= DAY
    reset_clock(live.ledger, lambda: live.now, reason="x", actor="ann", swear=live.swears("ann"))
    assert live.ledger.ahead() == ""
    decides(live)


@pytest.mark.parametrize("out", [DAY, YEAR, DECADE])
def test_a_clock_that_is_behind_moves_no_time_and_decides_nothing(live, out):
    before = live.now
    live.now -= out
    live.tries("r9")
    with pytest.raises(Forbidden, match="the clock was set back"):
        live.approves("ann")
    live.tightens(Act.HALT)
    live.now = before
    live.approves("ann")


def test_a_long_silence_is_ended_by_a_word_of_a_person(live):
    live.now += SILENCE + DAY
    with pytest.raises(Forbidden, match="181 days before"):
        live.tries("r9")
    reset_clock(live.ledger, live.tick, reason="back", actor="ann", swear=live.swears("ann"))
    live.tries("r9")


def test_nobody_is_asked_where_nobody_has_decided_anything():
    office = Office()
    office.tries()
    office.now += DECADE
    office.tries("r2")
    office.proposes("r2")


@pytest.mark.parametrize("year", [1970, 1980, 2000, 2025])
def test_no_ledger_begins_with_a_clock_that_was_never_set(year):
    office = Office(now=datetime(year, 1, 1, tzinfo=UTC))
    with pytest.raises(Forbidden, match="no ledger is so old"):
        office.tries()
    assert office.ledger.entries() == []
    assert halt_all(office.ledger, reason="stop", actor="bob").entry is not None


@pytest.mark.parametrize("out", [DAY, YEAR, DECADE])
def test_a_ledger_that_began_with_a_clock_ahead_is_healed_by_a_word(out):
    office = Office(now=START + out)
    office.tries()
    office.proposes()
    office.now = START
    with pytest.raises(Forbidden, match="the clock was set back"):
        office.approves("ann")
    reset_clock(office.ledger, office.tick, reason="new host", actor="ann", swear=None)
    office.approves("ann")
    office.promotes(Stage.PAPER)
    assert office.stage is Stage.PAPER


@pytest.mark.parametrize("zone", [timedelta(hours=14), timedelta(hours=-11), timedelta(hours=5.5)])
def test_zones_and_summer_time_change_no_time(live, zone):
    moment, told = live.now, timezone(zone)
    ledger = Ledger(live.store, clock=lambda: (moment + DAY).astimezone(told))
    assert ledger.append("trial", TRIAL, actor="x").at == (moment + DAY).isoformat(
        timespec="microseconds"
    )


def test_a_word_in_another_zone_is_compared_as_the_moment_that_it_is(live):
    live.now += DAY
    live.tries("r9")
    live.now -= DAY
    zone = timezone(timedelta(hours=14))
    reset_clock(
        live.ledger, lambda: live.now.astimezone(zone), reason="x", actor="ann",
        swear=live.swears("ann"),
    )  # fmt: skip
    assert live.ledger.trust.latest.endswith("+00:00")
    decides(live)


@pytest.mark.parametrize("out", [timedelta(hours=1), -timedelta(hours=1), DAY, -DAY, YEAR, -YEAR])
def test_the_file_systems_clock_is_a_witness_in_both_directions(tmp_path, says, out):
    store = FolderObjects(tmp_path / "lake")
    Ledger(store, place="").append("trial", TRIAL, actor="x")
    says(datetime.now(UTC) + out)
    with pytest.raises(Forbidden, match="the clock of where the ledger is kept says"):
        Ledger(store, place="").append("trial", TRIAL, actor="x")
    assert Ledger(store, place="").append("halt", {"strategy": "*"}, actor="x").seq == 2
    assert [path.name for path in store.root.iterdir() if path.name.startswith(".clock")] == []


def test_a_word_of_a_person_counts_more_than_the_file_systems_clock(tmp_path, says):
    store, out = FolderObjects(tmp_path / "lake"), datetime.now(UTC) + timedelta(hours=3)
    Ledger(store, place="").append("trial", TRIAL, actor="x")
    says(out)
    ledger = Ledger(store, place="")
    reset_clock(ledger, lambda: out, reason="the server is wrong", actor="ann", swear=None)
    assert ledger.append("trial", {**TRIAL, "run_id": "r2"}, actor="x").seq == 3


def test_a_clock_that_is_set_while_a_process_runs_is_told():
    witnesses, now = Witnesses(MemoryObjects()), datetime.now(UTC)
    assert witnesses.doubt(now) == ""
    assert witnesses.doubt(now + 3 * DAY) == ""  # a laptop slept
    assert "set by 400 days while this process ran" in witnesses.doubt(now + 400.5 * DAY)
    assert "set by -400 days" in witnesses.doubt(now - 399.5 * DAY)


def test_a_store_that_tells_no_time_is_no_witness(tmp_path):
    assert store_time(MemoryObjects()) is None
    assert store_time(FolderObjects(tmp_path / "not there")) is None
    folder = tmp_path / "lake"
    folder.mkdir()
    folder.chmod(0o500)
    if os.getuid():
        assert store_time(FolderObjects(folder)) is None
    folder.chmod(0o700)
    assert abs(store_time(FolderObjects(folder)) - datetime.now(UTC)) < timedelta(minutes=1)
