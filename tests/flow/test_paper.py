"""From dryrun to paper to live and back, by runs on data that grow: signals, account, limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import polars as pl
import pytest

from agent.cli.context import Context
from configs.settings import Settings
from configs.workspace import Workspace
from gate.commands.opened import desk_of
from gate.deciding.approving import Approver, approve
from gate.deciding.raising import raise_strategy
from gate.finding import find
from gate.policy_file import load_policy
from gate.stages import Act, Stage
from gate.strategies import stand
from storage.events.envelope import LIVE, PAPER, from_bytes
from storage.open import open_bus, open_ledger, open_warehouse
from tasks.run import run
from taskspecs.schema import TaskSpec
from tests.office import private_key, public_key

DAYS, SYMBOLS = 160, ("A", "B", "C", "D")
SPEC = {
    "name": "grown",
    "data": {"source": "file", "path": "prices.csv", "timezone": "UTC"},
    "features": {"define": {"momentum": "$close / Ref($close, 5) - 1"}},
    "signal": {"expression": "$momentum"},
    "backtest": {"topk": 2, "n_drop": 1},
}
POLICY = f"""\
keys:
  ann: "{public_key("ann")}"
  bob: "{public_key("bob")}"
paper: {{approvals: 1, signed: false, lasts_days: 14, checks: {{leak: 1}}}}
live: {{approvals: 2, lasts_days: 90, checks: {{paper_bars: 2, paper_divergence: 0.0001}}}}
watch:
  - {{figure: drawdown, at_most: 0.5, then: demote}}
  - {{figure: history_revised, at_most: 0, then: halt}}
"""


class Desk:
    """A workspace whose data grow by a day at a time, beginning before now."""

    def __init__(self, folder, **settings) -> None:
        self.workspace = Workspace(folder)
        self.settings = Settings(**settings)
        (folder / "gate.yaml").write_text(POLICY)
        draw = np.random.default_rng(11).normal(0, 0.01, size=(len(SYMBOLS), DAYS))
        self.prices = 100 * np.exp(draw.cumsum(axis=1))
        self.first = datetime.now(UTC).date() - timedelta(days=DAYS - 10)
        self.days = DAYS - 10

    def write(self, factor: float = 1.0) -> None:
        rows = [
            {"Date": self.first + timedelta(days=day), "Symbol": symbol,
             "Close": float(self.prices[row, day]) * (factor if day == 50 else 1.0)}
            for row, symbol in enumerate(SYMBOLS) for day in range(self.days)
        ]  # fmt: skip
        pl.DataFrame(rows).write_csv(self.workspace.root / "prices.csv")

    def run(self, **changed):
        self.write(**changed)
        return run(TaskSpec.model_validate(SPEC), self.workspace, self.settings)

    def next_day(self, **changed):
        self.days += 1
        return self.run(**changed)

    @property
    def ledger(self):
        return open_ledger(self.settings, self.workspace)

    @property
    def stage(self):
        policy = load_policy(self.workspace)
        return find(stand(self.ledger.entries(), policy), "grown").stage

    def decides(self):
        return desk_of(Context(str(self.workspace.root)))

    def approves(self, person, signed):
        def sign(said):
            return private_key(person).sign(said.to_bytes()).hex() if signed else ""

        who = Approver(person, public_key(person) if signed else "", sign)
        approve(self.decides(), "grown", who, reason="I read it")

    def promotes(self, to):
        raise_strategy(self.decides(), "grown", Act.PROMOTE, to=to, reason="go", actor="ann")

    def received(self, topic):
        bus = open_bus(self.settings, self.workspace)
        try:
            with bus.subscribe(topic, "test") as subscription:
                got = []
                while batch := subscription.receive(0.2):
                    for delivery in batch:
                        got.append(from_bytes(delivery.body))
                        delivery.finish()
                return got
        finally:
            bus.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_from_dryrun_to_live_and_halted(tmp_path):
    desk = Desk(tmp_path)
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
@pytest.mark.timeout(600)
def test_what_is_sealed_to_research_is_followed_once_it_is_on_paper(tmp_path):
    (tmp_path / "qraft.yaml").write_text("holdout: {prices.csv: 0.2}\n")
    desk = Desk(tmp_path, holdout={"prices.csv": 0.2})
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
