"""A workspace whose data grow by a day at a time, and people who decide in it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl

from agent.cli.context import Context
from agent.cli.gate.opened import desk_of
from configs.settings import Settings
from configs.workspace import Workspace
from gate.deciding.approving import Approver, approve
from gate.deciding.policy import pending_policy, propose_policy, sign_policy
from gate.deciding.raising import raise_strategy
from gate.deciding.swearing import Swears
from gate.policy.file import load_policy
from gate.policy.stages import Act, Stage
from gate.strategies.finding import find
from gate.strategies.strategies import stand
from storage.events.envelope import from_bytes
from storage.open import open_bus, open_ledger
from tasks.runs.run import run
from taskspecs.schema import TaskSpec
from tests.clock import Clock
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


class GrowingDesk:
    """A workspace whose data grow by a day at a time; its clock shows the hour after the last."""

    def __init__(self, folder, patch, **settings) -> None:
        self.workspace = Workspace(folder)
        self.settings = Settings(**settings)
        (folder / "gate.yaml").write_text(POLICY)
        draw = np.random.default_rng(11).normal(0, 0.01, size=(len(SYMBOLS), DAYS))
        self.prices = 100 * np.exp(draw.cumsum(axis=1))
        self.first = datetime.now(UTC).date() - timedelta(days=DAYS - 10)
        self.days = DAYS - 10
        self.clock = Clock(patch, self.now)
        self.extra: list[dict[str, object]] = []
        """Rows of the file beside those of its symbols."""
        self.silent: set[str] = set()
        """Symbols without a bar on the newest day."""

    @property
    def now(self) -> datetime:
        """An hour after the newest bar was over."""
        over = self.first + timedelta(days=self.days)
        return datetime.combine(over, time(1), tzinfo=UTC)

    def write(self, factor: float = 1.0) -> None:
        self.clock.moment = self.now
        rows = [
            {"Date": self.first + timedelta(days=day), "Symbol": symbol,
             "Close": float(self.prices[row, day]) * (factor if day == 50 else 1.0)}
            for row, symbol in enumerate(SYMBOLS) for day in range(self.days)
            if day < self.days - 1 or symbol not in self.silent
        ]  # fmt: skip
        pl.DataFrame(rows + self.extra).write_csv(self.workspace.root / "prices.csv")

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
    def standing(self):
        policy = load_policy(self.workspace)
        return find(stand(self.ledger.entries(), policy), "grown")

    def decides(self):
        return desk_of(Context(str(self.workspace.root)))

    def approves(self, person, signed):
        def sign(said):
            return private_key(person).sign(said.to_bytes()).hex() if signed else ""

        who = Approver(person, public_key(person) if signed else "", sign)
        approve(self.decides(), "grown", who, reason="I read it")

    def promotes(self, to):
        raise_strategy(self.decides(), "grown", Act.PROMOTE, to=to, reason="go", actor="ann")

    def signs_policy(self, *people):
        """Put what gate.yaml says now in force, as people do."""
        ledger = self.ledger
        propose_policy(ledger, load_policy(self.workspace), reason="it was time", actor="ann")
        for person in people:

            def sign(said, person=person):
                return private_key(person).sign(said).hex()

            swears = Swears(ledger, person, public_key(person), sign)
            sign_policy(ledger, pending_policy(ledger), swears, reason="I read it")

    def goes_live(self):
        """Run, be on paper for as long as the policy asks, and be promoted."""
        self.run()
        self.approves("ann", signed=False)
        self.promotes(Stage.PAPER)
        for _ in range(3):
            self.next_day()
        for person in ("ann", "bob"):
            self.approves(person, signed=True)
        self.promotes(Stage.LIVE)

    def received(self, topic):
        return [from_bytes(raw) for raw in self.received_bytes(topic)]

    def received_bytes(self, topic):
        bus = open_bus(self.settings, self.workspace)
        try:
            with bus.subscribe(topic, "test") as subscription:
                got = []
                while batch := subscription.receive(0.2):
                    for delivery in batch:
                        got.append(delivery.body)
                        delivery.finish()
                return got
        finally:
            bus.close()
