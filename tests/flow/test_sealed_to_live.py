"""The whole road under the policy that ships: sealed, looked at once, on paper for months, live."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl
import pytest

from agent.cli.context import Context
from agent.cli.gate.opened import desk_of
from configs.errors import Forbidden
from configs.settings import Settings
from configs.workspace import Workspace
from gate.deciding.approving import Approver, approve
from gate.deciding.holdout import look
from gate.deciding.raising import raise_strategy
from gate.policy.file import SHIPPED
from gate.policy.policy import unmet
from gate.policy.stages import Act, Stage
from gate.strategies.finding import find
from gate.strategies.strategies import stand
from storage.events.envelope import LIVE, PAPER, from_bytes
from storage.open import open_bus
from tasks.runs.run import run
from taskspecs.schema import TaskSpec
from tests.clock import Clock
from tests.office import private_key, public_key

FIRST, DAYS, WEEKS, SYMBOLS = datetime(2024, 1, 1, tzinfo=UTC), 900, 16, "ABCDEF"
SPEC = TaskSpec.model_validate(
    {
        "name": "walked",
        "data": {"source": "file", "path": "prices.csv"},
        "features": {"define": {"momentum": "$close / Ref($close, 20) - 1"}},
        "signal": {"expression": "$momentum"},
        "backtest": {"topk": 2, "n_drop": 2, "rebalance_bars": 5},
    }
)


class Lab:
    """Symbols whose drifts last for weeks, so that momentum earns; five days are a week."""

    def __init__(self, folder, patch) -> None:
        self.workspace, self.settings = Workspace(folder), Settings(holdout={"prices.csv": 0.2})
        keys = f'keys: {{ann: "{public_key("ann")}", bob: "{public_key("bob")}"}}'
        (folder / "gate.yaml").write_text(SHIPPED.read_text().replace("keys: {}", keys))
        (folder / "qraft.yaml").write_text("holdout: {prices.csv: 0.2}\n")
        random = np.random.default_rng(5)
        drift, drifts = np.zeros(len(SYMBOLS)), []
        for _ in range(DAYS + 5 * WEEKS):
            drift = 0.97 * drift + random.normal(0, 0.0008, len(SYMBOLS))
            drifts.append(drift)
        moves = np.array(drifts) + random.normal(0, 0.008, (len(drifts), len(SYMBOLS)))
        self.prices = 100 * np.exp(moves.cumsum(axis=0))
        self.days = DAYS
        self.clock = Clock(patch, FIRST)
        self.extra: list[dict] = []

    def day(self, number):
        return FIRST.date() + timedelta(days=number)

    def write(self, revised=None):
        rows = [
            {"Date": self.day(day), "Symbol": symbol,
             "Close": float(self.prices[day, column]) * (1.02 if day == revised else 1.0)}
            for day in range(self.days) for column, symbol in enumerate(SYMBOLS)
        ]  # fmt: skip
        pl.DataFrame(rows + self.extra).write_csv(self.workspace.root / "prices.csv")
        self.clock.moment = datetime.combine(self.day(self.days), time(1), tzinfo=UTC)

    def run(self, **changed):
        self.write(**changed)
        return run(SPEC, self.workspace, self.settings)

    def next_week(self, **changed):
        self.days += 5
        return self.run(**changed).following

    @property
    def desk(self):
        return desk_of(Context(str(self.workspace.root)))

    @property
    def strategy(self):
        return find(stand(self.desk.ledger.entries(), self.desk.policy), "walked")

    def approves(self, person, *, signed):
        def sign(said):
            return private_key(person).sign(said.to_bytes()).hex() if signed else ""

        who = Approver(person, public_key(person) if signed else "", sign)
        approve(self.desk, "walked", who, reason="I read it")

    def raises(self, act, to):
        raise_strategy(self.desk, "walked", act, to=to, reason="as agreed", actor="ann")

    def missing(self, to):
        return unmet(self.desk.judge(self.strategy, to))

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
def test_from_a_seal_to_a_live_signal(tmp_path, monkeypatch):
    lab = Lab(tmp_path, monkeypatch)
    assert lab.received(PAPER) == lab.received(LIVE) == []
    sealed_from = lab.run().session.plan.sealed_from
    assert sealed_from == lab.day(720)

    (closed,) = lab.missing(Stage.PAPER)
    assert "holdout" in closed
    look(
        lab.desk.ledger, lab.strategy, reason="all else holds", actor="ann",
        replay=Context(str(tmp_path)).replay,
    )  # fmt: skip
    assert lab.missing(Stage.PAPER) == []
    lab.approves("ann", signed=False)
    lab.raises(Act.PROMOTE, Stage.PAPER)

    weeks = [lab.next_week() for _ in range(6)]
    assert [week.stopped for week in weeks] == [""] * 6
    assert [week.published.date() for week in weeks] == [
        lab.day(DAYS + 5 * number - 1) for number in range(1, 7)
    ]
    assert weeks[-1].figures["stale_hours"] == pytest.approx(1.0, abs=0.01)
    assert weeks[-1].figures["paper_bars"] == 25.0
    assert weeks[-1].figures["divergence"] == 0.0

    # a bar of today, which is not over, and one of 2099: cut as they are read, and block nothing
    lab.days += 5
    honest = lab.run().following.figures
    unfinished = {"Date": lab.day(lab.days), "Symbol": "A", "Close": 1.0}
    lab.extra = [unfinished, {**unfinished, "Date": datetime(2099, 1, 1).date()}]  # noqa: DTZ001
    outcome = lab.run()
    week, health = outcome.following, outcome.session.frame("ingest", "health")
    dropped = dict(health.select("rule", "count").iter_rows())
    assert (dropped["unfinished_bar"], dropped["future_bar"]) == (1, 1)
    assert week.figures == honest
    assert week.published.date() == lab.day(lab.days - 1)
    lab.extra = []

    assert [lab.next_week() for _ in range(7)][-1].figures["paper_bars"] >= 60
    assert lab.missing(Stage.LIVE) == []
    for person in ("ann", "bob"):
        lab.approves(person, signed=True)
    lab.raises(Act.PROMOTE, Stage.LIVE)
    live = lab.next_week()
    assert (live.stage, live.stopped) == (Stage.LIVE, "")
    (signal,) = lab.received(LIVE)
    assert signal.ts == live.published
    told = lab.received(PAPER)
    assert len({event.event_id for event in told}) == 14

    # research stays where it was, and no bar past the seal was stored
    outcome = lab.run()
    assert outcome.session.bars()["ts"].max().date() < sealed_from
    assert len(lab.desk.ledger.entries("proposal")) == 1
    assert len(lab.desk.ledger.entries("holdout_opened")) == 1

    # a sealed bar is revised: seen by what runs and by who decides
    halted = lab.next_week(revised=800)
    assert halted.stage is Stage.HALTED
    assert "history_revised is 1" in halted.stopped
    with pytest.raises(Forbidden, match="may not go to paper"):
        lab.raises(Act.RESUME, Stage.PAPER)
    lab.write()
    lab.approves("ann", signed=False)
    lab.raises(Act.RESUME, Stage.PAPER)
    assert lab.strategy.stage is Stage.PAPER
