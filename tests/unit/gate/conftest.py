"""A ledger in memory, and how trials and proposals come into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from gate.policy import Policy, Rule, Step
from gate.proposals import propose
from gate.trials import record_trial
from storage.ledger import Ledger
from storage.objects import MemoryObjects

GOOD = {"sharpe_t": 2.5, "bars": 800.0}


@dataclass
class Desk:
    """What runs do to a ledger."""

    ledger: Ledger

    def tries(self, run_id: str, strategy: str = "study@aaa", family: str = "sample:1") -> None:
        record_trial(
            self.ledger, run_id=run_id, strategy=strategy, family=family, road="command",
            about={"spec": "s", "data": "d"},
        )  # fmt: skip

    def proposes(
        self, run_id: str, strategy: str = "study@aaa", figures: dict[str, Any] | None = None
    ) -> bool:
        evidence = {"figures": GOOD if figures is None else figures, "keys": {"report": "k" * 64}}
        return propose(self.ledger, strategy=strategy, run_id=run_id, evidence=evidence, road="run")

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.ledger.entries()]


@pytest.fixture
def desk() -> Desk:
    minutes = count()

    def clock() -> datetime:
        return datetime(2026, 1, 2, 3, tzinfo=UTC) + timedelta(minutes=next(minutes))

    return Desk(Ledger(MemoryObjects(), clock=clock))


@pytest.fixture
def policy() -> Policy:
    return Policy(
        paper=Step(
            approvals=1,
            rules=(
                Rule(figure="sharpe_t", at_least=2, meaning="the Sharpe ratio is real"),
                Rule(figure="bars", at_least=500, at_most=1000, meaning="long enough"),
            ),
        ),
        live=Step(
            approvals=2, rules=(Rule(figure="paper_bars", at_least=60, meaning="was on paper"),)
        ),
    )
