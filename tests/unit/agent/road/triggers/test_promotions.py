"""A promotion is told once it is on the ledger, whatever the bus does, and only if it counts."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from agent.cli.context import Context
from agent.cli.main import cli
from agent.road.triggers.listening import telling
from agent.road.triggers.matching import wakes, would_loop
from agent.road.triggers.promotions import keep_promotions, telling_promotions
from configs.settings import Settings
from configs.workspace import open_workspace
from gate.policy.file import load_policy
from gate.policy.stages import Act, Stage
from storage.events.boxes import Boxes
from storage.events.envelope import EVENTS, from_bytes
from storage.events.spool import Spool
from storage.lake.objects import FolderObjects
from taskspecs.rerunning import TriggerSpec
from tests.office import Office

POLICY = """\
paper: {approvals: 1, signed: false, lasts_days: 14, checks: {leak: 1}}
live: {approvals: 1, lasts_days: 90, checks: {}}
"""


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "gate.yaml").write_text(POLICY)
    return open_workspace(str(tmp_path))


@pytest.fixture
def office(workspace, monkeypatch):
    """People who decide in the workspace, and have approved a strategy for paper."""
    office = Office(FolderObjects(workspace.home / "lake"), now=datetime.now(UTC))
    office.now -= timedelta(minutes=1)
    office.policy = load_policy(workspace)
    monkeypatch.setattr(Context, "identify", lambda _, run_id: office.running)
    office.tries()
    office.proposes()
    office.approves("ann")
    return office


def promote(workspace):
    where = ["--workspace", str(workspace.root), "gate"]
    decision = ["promote", "study", "--to", "paper", "--reason", "steady"]
    return CliRunner().invoke(cli, [*where, *decision], standalone_mode=False)


def heard(workspace):
    with (
        closing(Spool(workspace.home / "events")) as bus,
        bus.subscribe(EVENTS, "test") as subscription,
    ):
        return [from_bytes(delivery.body) for delivery in subscription.receive(0.0)]


def test_the_command_tells_of_a_promotion_once(office, workspace):
    done = promote(workspace)
    assert "is at paper" in done.stdout, done.exception
    (event,) = heard(workspace)
    entry = office.ledger.entries("promotion")[0]
    assert (event.type, event.source) == ("signal_promoted", "gate")
    assert event.ts.isoformat() == datetime.fromisoformat(entry.at).isoformat()
    assert event.payload == {
        "study": "study", "strategy": "study@aaaaaaaaaaaa", "run_id": "r1",
        "from": "dryrun", "to": "paper", "entry": entry.seq,
    }  # fmt: skip
    trigger = TriggerSpec(on="signal_promoted", where={"to": "paper"})
    assert wakes(trigger, event, "study")
    assert not would_loop(event, "study")


def test_a_bus_that_is_away_undoes_no_promotion_and_is_told_later(office, workspace, monkeypatch):
    monkeypatch.setattr("storage.events.outbox.DEADLINE_S", 0.2)
    monkeypatch.setenv("QRAFT_EVENTS", "nsq://127.0.0.1:9")
    done = promote(workspace)
    assert done.exception is None
    assert "is at paper" in done.stdout
    assert "will be told later" in done.stderr
    assert office.stage is Stage.PAPER
    monkeypatch.delenv("QRAFT_EVENTS")
    with (
        closing(Spool(workspace.home / "events")) as bus,
        Boxes(workspace.home / "events") as boxes,
        telling_promotions(workspace, Settings(), boxes.outbox),
        telling(bus, boxes),
    ):
        deadline = time.monotonic() + 30
        while boxes.outbox.untold() and time.monotonic() < deadline:
            time.sleep(0.02)
    assert [event.payload["to"] for event in heard(workspace)] == ["paper"]


def test_told_is_told_and_a_line_on_the_ledger_is_no_promotion(office, workspace):
    office.ledger.append(
        str(Act.PROMOTE), {"strategy": "study@aaaaaaaaaaaa", "to": "live"}, actor="mallory"
    )
    office.ledger.append(str(Act.PROMOTE), {"strategy": "none@b", "to": "paper"}, actor="mallory")
    folder = workspace.home / "events"
    with closing(Spool(folder)) as bus, Boxes(folder) as boxes:
        tell = lambda: keep_promotions(office.ledger.entries(), office.policy, boxes.outbox)  # noqa: E731
        assert tell() == []
        office.promotes(Stage.PAPER)
        assert [event.payload["to"] for event in tell()] == ["paper"]
        assert tell() == []
        assert boxes.outbox.deliver(bus).told == 1
    assert len(heard(workspace)) == 1
