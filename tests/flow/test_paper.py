"""From dryrun to paper to live and back, by runs on data that grow: signals, account, limits."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from configs.errors import Damaged
from gate.policy.stages import Stage
from storage.events.envelope import LIVE, PAPER
from storage.open import open_warehouse
from tests.growing import POLICY, SYMBOLS, GrowingDesk


@pytest.mark.slow
def test_from_dryrun_to_live_and_halted(tmp_path, monkeypatch):
    desk = GrowingDesk(tmp_path, monkeypatch)
    receive = {topic: partial(desk.received, topic) for topic in (PAPER, LIVE)}
    assert [got() for got in receive.values()] == [[], []]  # a channel begins with its subscription
    assert desk.run().following is None
    desk.approves("ann", signed=False)
    desk.promotes(Stage.PAPER)
    assert desk.run().following.published is None  # its newest bar is from before

    outcomes = [desk.next_day() for _ in range(4)]
    assert all(o.following.stage is Stage.PAPER for o in outcomes)
    assert [o.following.published for o in outcomes] == sorted(
        {o.following.published for o in outcomes}
    )
    figures = outcomes[-1].following.figures
    assert figures["paper_bars"] == 3.0  # the newest signal waits for its bar
    assert figures["divergence"] == 0.0
    assert figures["history_revised"] == 0.0
    assert desk.run().following.published == outcomes[-1].following.published
    events = receive[PAPER]()
    assert len({event.event_id for event in events}) == 4
    assert len(events) == 5  # told again by the run that was repeated
    assert sum(t["weight"] for t in events[-1].payload["targets"]) == pytest.approx(0.95, abs=0.06)
    run_id = outcomes[-1].session.plan.run_id
    with open_warehouse(desk.settings, desk.workspace) as warehouse:
        rows = warehouse.rows("SELECT * FROM signals WHERE run_id = {r:String}", {"r": run_id})
    assert {row["stage"] for row in rows} == {"paper"}
    assert len(rows) == len(SYMBOLS)
    assert len(desk.ledger.entries("proposal")) == 1

    for person in ("ann", "bob"):
        desk.approves(person, signed=True)
    desk.promotes(Stage.LIVE)
    assert desk.next_day().following.stage is Stage.LIVE
    (signal,) = receive[LIVE]()
    assert signal.payload["approved_by"] == ["ann", "bob"]
    assert len(signal.payload["approval"]) == 64
    assert signal.payload["idempotency_key"] == signal.event_id

    loose = POLICY.replace("at_most: 0.5", "at_most: 0.9")
    (tmp_path / "gate.yaml").write_text(loose)
    assert desk.next_day().following.stage is Stage.LIVE  # a file on disk decides nothing
    assert len(receive[LIVE]()) == 1
    desk.signs_policy("ann", "bob")
    demoted = desk.next_day().following
    assert demoted.stage is Stage.PAPER
    assert "0 of 2 approvals for live count now" in demoted.stopped
    assert receive[LIVE]() == []
    assert len(receive[PAPER]()) == 1

    halted = desk.next_day(factor=1.5).following
    assert halted.stage is Stage.HALTED
    assert "history_revised is 1" in halted.stopped
    assert halted.published is None
    assert receive[PAPER]() == []
    assert desk.ledger.entries("halt")[-1].actor == "policy"
    assert desk.run(factor=1.5).following is None


@pytest.mark.slow
def test_what_is_sealed_to_research_is_followed_once_it_is_on_paper(tmp_path, monkeypatch):
    (tmp_path / "qraft.yaml").write_text("holdout: {prices.csv: 0.2}\n")
    desk = GrowingDesk(tmp_path, monkeypatch, holdout={"prices.csv": 0.2})
    outcome = desk.run()
    sealed_from = outcome.session.plan.sealed_from
    assert outcome.session.bars()["ts"].max().date() < sealed_from
    desk.approves("ann", signed=False)
    desk.promotes(Stage.PAPER)
    outcomes = [desk.next_day() for _ in range(3)]
    assert [o.following.published.date() for o in outcomes] == [
        desk.first + timedelta(days=desk.days - back) for back in (3, 2, 1)
    ]
    assert outcomes[-1].following.figures["paper_bars"] == 2.0
    assert outcomes[-1].following.figures["divergence"] == 0.0
    assert outcomes[-1].session.bars()["ts"].max().date() < sealed_from

    signals = tmp_path / ".qraft" / "lake" / "signals" / desk.standing.strategy
    planted = signals / "20990101T000000000000-ffffffffffff.json"
    planted.write_text("{}")
    assert desk.run().following.figures["paper_bars"] == 2.0  # what the ledger does not name
    kept = min(signals.iterdir())
    kept.write_bytes(kept.read_bytes().replace(b'"A"', b'"B"'))
    with pytest.raises(Damaged, match="was changed"):
        desk.next_day()
    kept.unlink()
    with pytest.raises(Damaged, match="is gone"):
        desk.run()
