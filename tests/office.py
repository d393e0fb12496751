"""An office with a ledger in memory: people with keys, an agent that proposes, and a clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from configs.keys.public import write_public_key
from gate.approval.mandate import Mandate
from gate.context import DecisionContext
from gate.deciding.approving import Approver, approve
from gate.deciding.policy import pending_policy, propose_policy, sign_policy
from gate.deciding.raising import raise_strategy
from gate.deciding.swearing import Swears
from gate.evidence.assembling import gone_files
from gate.evidence.judging import evidence_on_hand
from gate.evidence.proposals import propose
from gate.evidence.trials import record_trial
from gate.policy.in_force import policy_in_force
from gate.policy.policy import Limit, Policy, Step
from gate.policy.stages import Act, Stage
from gate.strategies.finding import find
from gate.strategies.strategies import Strategy, stand
from gate.strategies.tightening import tighten
from storage.lake.lake import Lake
from storage.lake.objects import MemoryObjects, ObjectStore
from storage.ledger import Entry, Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.approval.approvals import Statement
    from gate.checks.check import Verdict

GOOD = {"leak_clean": 1.0, "bars": 800.0, "paper_bars": 80.0, "divergence": 0.0}
START = datetime(2026, 1, 2, 3, tzinfo=UTC)
STUDY = "study@aaaaaaaaaaaa"
MANDATE = Mandate(("AAPL", "IBM", "MSFT"), 1.0, 0.6, long_only=True)
POLICY = Policy(
    paper=Step(approvals=1, signed=False, lasts_days=14, checks={"leak": 1, "bars": 500}),
    live=Step(approvals=2, signed=True, lasts_days=90, checks={"leak": 1, "paper_bars": 60}),
    watch=(Limit(figure="drawdown", at_most=0.3, then="demote"),),
)


@cache
def private_key(person: str) -> Ed25519PrivateKey:
    """The same key for the same person, in all tests."""
    return Ed25519PrivateKey.from_private_bytes(person.encode().ljust(32, b"."))


def public_key(person: str) -> str:
    return write_public_key(private_key(person).public_key().public_bytes_raw())


@dataclass
class Office:
    """Everything a decision looks at, each part to be tampered with."""

    store: ObjectStore = field(default_factory=MemoryObjects)
    people: tuple[str, ...] = ("ann", "bob")
    policy: Policy = POLICY
    now: datetime = START
    running: dict[str, str] = field(
        default_factory=lambda: {"spec": "5" * 64, "code": "c" * 64, "data": "d" * 64}
    )
    figures: dict[str, Any] = field(default_factory=lambda: dict(GOOD))

    def __post_init__(self) -> None:
        self.list_keys(*self.people)
        self.reopen()

    def reopen(self) -> None:
        """Start anew, as after a crash."""
        self.ledger = Ledger(self.store, clock=self.tick)

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def list_keys(self, *people: str) -> None:
        """Write who may sign into the policy on disk; what is in force stays in force."""
        self.policy = self.with_keys(*people)

    def with_keys(self, *people: str) -> Policy:
        keys = {person: public_key(person) for person in people}
        return self.policy.model_copy(update={"keys": keys})

    def swears(self, person: str) -> Swears:
        def sign(said: bytes) -> str:
            return private_key(person).sign(said).hex()

        return Swears(self.ledger, person, public_key(person), sign)

    def changes_policy(self, policy: Policy, *signers: str) -> None:
        """Change the policy as people do: proposed, and signed by those of the one in force."""
        self.policy = policy
        propose_policy(self.ledger, policy, reason="it was time", actor="ann")
        for person in signers:
            waiting = pending_policy(self.ledger)
            sign_policy(self.ledger, waiting, self.swears(person), reason="I read it")

    @property
    def in_force(self) -> Policy:
        return policy_in_force(self.ledger.entries(), self.policy)

    @property
    def desk(self) -> DecisionContext:
        policy = self.in_force

        def judge(strategy: Strategy, to: Stage) -> Sequence[Verdict]:
            return policy.step(to).judge(evidence_on_hand(strategy, self.ledger, Lake(self.store)))

        return DecisionContext(
            self.ledger, policy, judge, lambda _: self.running, clock=lambda: self.now,
            gone=lambda s: gone_files(self.ledger, Lake(self.store), s.evidence),
        )  # fmt: skip

    def tries(self, run_id: str = "r1", strategy: str = STUDY, family: str = "sample:1") -> None:
        record_trial(
            self.ledger, run_id=run_id, strategy=strategy, family=family, road="command",
            about={"spec": "s", "data": "d"},
        )  # fmt: skip

    def proposes(
        self, run_id: str = "r1", strategy: str = STUDY, figures: dict[str, Any] | None = None,
        proposer: str = "the machine",
    ) -> bool:  # fmt: skip
        evidence = {
            "figures": self.figures if figures is None else figures,
            "keys": {"report": "k" * 64},
            "mandate": MANDATE.document(),
            **self.running,
        }
        return propose(
            self.ledger, strategy=strategy, run_id=run_id, evidence=evidence, road="run",
            proposer=proposer,
        )  # fmt: skip

    def approver(self, person: str, *, signs: bool = True) -> Approver:
        def sign(statement: Statement) -> str:
            return private_key(person).sign(statement.to_bytes()).hex() if signs else ""

        return Approver(person, public_key(person) if signs else "", sign)

    def approves(
        self, person: str, name: str = STUDY, *, signs: bool | None = None,
        although: str | None = None,
    ) -> Entry:  # fmt: skip
        stage = self.standing(name).stage
        signed = stage in {Stage.PAPER, Stage.LIVE} if signs is None else signs
        who = self.approver(person, signs=signed)
        return approve(self.desk, name, who, reason="I read it", although=although)

    def promotes(self, to: Stage, name: str = STUDY) -> Entry:
        return raise_strategy(self.desk, name, Act.PROMOTE, to=to, reason="as agreed", actor="ann")

    def resumes(self, name: str = STUDY) -> Entry:
        return raise_strategy(self.desk, name, Act.RESUME, reason="mended", actor="ann")

    def tightens(self, act: Act, name: str = STUDY, to: Stage | None = None) -> Entry:
        return tighten(self.ledger, self.policy, name, act, to=to, reason="enough", actor="ann")

    def standing(self, name: str = STUDY) -> Strategy:
        return find(stand(self.ledger.entries(), self.policy), name)

    @property
    def stage(self) -> Stage:
        return self.standing().stage

    def reaches_paper(self) -> None:
        self.tries()
        self.proposes()
        self.approves("ann")
        self.promotes(Stage.PAPER)

    def reaches_live(self) -> None:
        self.reaches_paper()
        self.approves("ann")
        self.approves("bob")
        self.promotes(Stage.LIVE)

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.ledger.entries()]
