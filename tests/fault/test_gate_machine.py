"""Any order of commands by two people, an agent and a crash: what must hold, holds after each."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from configs.errors import QraftError
from configs.keys.public import read_public_key
from gate.approval.approvals import PURPOSE
from gate.deciding.raising import release_brake
from gate.policy.stages import Act, Stage
from gate.signals.authority import authorise
from gate.strategies.strategies import stand
from gate.strategies.tightening import TIGHTENING, halt_all
from storage.lake.objects import MemoryObjects
from storage.ledger import Ledger
from taskspecs.identity import canonical_json
from tests.office import POLICY, Office, public_key

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS, EXAMPLES = 50, 215
ENOUGH = 10_000
NAMES = st.sampled_from(["one@aaaaaaaaaaaa", "two@bbbbbbbbbbbb"])
PEOPLE = st.sampled_from(["ann", "bob"])
ANYBODY = st.sampled_from(["ann", "bob", "eve"])


class Crash(Exception):
    """The process is gone."""


class Breakable(MemoryObjects):
    """A store that may be made to die at a write, before or after it, or to be late."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: str | None = None
        self.rival: Any = None

    def put_new(self, path: str, data: bytes) -> None:
        plan, self.plan = self.plan, None
        if plan == "before":
            raise Crash
        if plan == "rival":
            self.rival()
        super().put_new(path, data)
        if plan == "after":
            raise Crash


class Gate(RuleBasedStateMachine):
    """Two people with keys, Eve with one that is not listed, an agent, and time."""

    steps: ClassVar[int] = 0
    lives: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.store = Breakable()
        self.office = Office(store=self.store, people=("ann", "bob"))
        self.trials = 0
        self.store.rival = self._rival

    def _rival(self) -> None:
        Ledger(self.store, clock=self.office.tick).append(
            "key", {"person": "x", "public": public_key("x")}, actor="rival"
        )

    def _command(self, act: Any, *arguments: Any, **named: Any) -> None:
        """Run a command as a process of its own: refused, crashed or done."""
        self.office.reopen()
        try:
            with suppress(QraftError):
                act(*arguments, **named)
        except Crash:
            self.office.reopen()

    @rule(plan=st.sampled_from(["before", "after", "rival"]))
    def something_will_go_wrong(self, plan: str) -> None:
        self.store.plan = plan

    @rule(name=NAMES, run=st.integers(1, 9))
    def the_agent_tries(self, name: str, run: int) -> None:
        self._command(self.office.tries, f"r{run}", name)
        self.trials = max(self.trials, len(self.office.ledger.entries("trial")))

    @rule(name=NAMES, run=st.integers(1, 3), good=st.booleans())
    def the_agent_proposes(self, name: str, run: int, good: bool) -> None:
        figures = None if good else {"leak_clean": 0.0}
        self._command(self.office.proposes, f"r{run}", name, figures)

    @rule(name=NAMES, person=ANYBODY, signs=st.sampled_from([None, True, False]))
    def somebody_approves(self, name: str, person: str, signs: bool | None) -> None:
        self._command(lambda: self.office.approves(person, name, signs=signs))

    @rule(name=NAMES, far=st.sampled_from(["paper", "approved", "live", "live"]))
    def all_goes_well_for_once(self, name: str, far: str) -> None:
        """Without this rule hardly anything would ever be live, and nothing could go wrong."""
        office = self.office
        self.store.plan = None
        office.policy = POLICY
        office.list_keys("ann", "bob")
        times = [datetime.fromisoformat(e.at) for e in office.ledger.entries()]
        office.now = max([office.now, *times])
        self._command(
            lambda: release_brake(office.desk, reason="go", actor="bob", swear=office.swears("bob"))
        )
        self._command(office.proposes, f"r{len(times)}", name)
        self._command(office.approves, "ann", name, signs=False)
        self._command(office.resumes, name)
        self._command(office.promotes, Stage.PAPER, name)
        if far != "paper":
            self.both_approve(name)
        if far == "live":
            self._command(office.promotes, Stage.LIVE, name)

    @rule(name=NAMES)
    def both_approve(self, name: str) -> None:
        for person in ("ann", "bob"):
            self._command(self.office.approves, person, name)

    @rule(name=NAMES, to=st.sampled_from([Stage.PAPER, Stage.LIVE]))
    def somebody_promotes(self, name: str, to: Stage) -> None:
        self._command(self.office.promotes, to, name)

    @rule(name=NAMES, act=st.sampled_from(sorted(TIGHTENING - {Act.RETIRE})))
    def somebody_takes_away(self, name: str, act: Act) -> None:
        self._command(self.office.tightens, act, name)

    @rule(name=NAMES)
    def somebody_resumes(self, name: str) -> None:
        self._command(self.office.resumes, name)

    @rule()
    def somebody_halts_everything(self) -> None:
        self._command(halt_all, self.office.ledger, reason="stop", actor="bob")

    @rule()
    def somebody_releases(self) -> None:
        self._command(
            lambda: release_brake(
                self.office.desk, reason="go", actor="bob", swear=self.office.swears("bob")
            )
        )

    @rule(part=st.sampled_from(["code", "data"]), value=st.sampled_from(["c", "d", "x"]))
    def something_changes(self, part: str, value: str) -> None:
        self.office.running = {**self.office.running, part: value}

    @rule(days=st.sampled_from([-200, -1, 1, 20, 100]))
    def time_goes_by_or_back(self, days: int) -> None:
        self.office.now += timedelta(days=days)

    @rule(people=st.sampled_from([("ann",), ("ann", "bob"), ("bob",), ("ann", "bob", "eve")]))
    def keys_are_listed(self, people: tuple[str, ...]) -> None:
        self.office.list_keys(*people)

    @rule(days=st.sampled_from([90, 30]))
    def the_policy_is_edited(self, days: int) -> None:
        live = POLICY.live.model_copy(update={"lasts_days": days})
        self.office.policy = self.office.policy.model_copy(update={"live": live})

    @precondition(lambda self: self.office.ledger.entries())
    @rule(pick=st.integers(0, 10_000))
    def the_agent_writes_an_old_entry_again(self, pick: int) -> None:
        entries = self.office.ledger.entries()
        old = entries[pick % len(entries)]
        if old.kind != "trial":
            self._command(self.office.ledger.append, old.kind, old.body, actor=old.actor)

    @rule(name=NAMES, to=st.sampled_from(["paper", "live"]))
    def the_agent_writes_a_promotion_itself(self, name: str, to: str) -> None:
        self._command(
            self.office.ledger.append, "promotion",
            {"strategy": name, "to": to, "approvals": [1, 2],
             "policy": self.office.policy.digest(Stage(to))},
            actor="ann",
        )  # fmt: skip

    @rule(pick=st.integers(0, 10_000), person=PEOPLE)
    def the_agent_takes_an_approval_for_another(self, pick: int, person: str) -> None:
        given = self.office.ledger.entries("approval")
        if given:
            body = dict(given[pick % len(given)].body)
            said = {**body["statement"], "by": person, "to": "live"}
            forged = {**body, "to": "live", "statement": said, "key": public_key(person)}
            self._command(self.office.ledger.append, "approval", forged, actor=person)

    @invariant()
    def the_chain_verifies(self) -> None:
        Gate.steps += 1
        assert Ledger(self.store).verify().ok

    @invariant()
    def no_trial_is_lost(self) -> None:
        runs = [entry.body["run_id"] for entry in self.office.ledger.entries("trial")]
        assert len(runs) == len(set(runs)) >= self.trials

    @invariant()
    def what_is_live_was_signed_by_two_people(self) -> None:
        entries = self.office.ledger.entries()
        for strategy in stand(entries, self.office.policy).strategies:
            if strategy.stage is Stage.LIVE:
                proposed = [
                    entry.body["evidence"]
                    for entry in entries[: strategy.since]
                    if entry.kind == "proposal" and entry.body["strategy"] == strategy.strategy
                ][-1]
                moment = max(entry.at for entry in entries[: strategy.since])
                signers = self._signers(strategy.strategy, strategy.since, proposed, moment)
                assert len(signers) >= 2, (strategy, signers)

    @invariant()
    def what_may_be_traded_is_what_was_signed_and_has_not_expired(self) -> None:
        office = self.office
        for name in ("one@aaaaaaaaaaaa", "two@bbbbbbbbbbbb"):
            entries = office.ledger.entries()
            try:
                authority = authorise(entries, office.policy, name, office.running, office.now)
            except QraftError:
                continue
            signers = self._signers(name, len(entries) + 1, office.running, office.now.isoformat())
            Gate.lives += 1
            assert len(signers) >= 2
            assert set(authority.people) == {"ann", "bob"}

    def _signers(
        self, name: str, until: int, running: Mapping[str, Any], latest: str
    ) -> set[bytes]:
        """Look at the ledger with other eyes: whose signatures are over what runs."""
        entries = self.office.ledger.entries()
        keys = set()
        for entry in entries[: until - 1]:
            if entry.kind != "approval" or not entry.body["signature"]:
                continue
            said = entry.body["statement"]
            listed = self.office.in_force.keys.get(said["by"])
            message = canonical_json({"purpose": PURPOSE, **said}).encode()
            if listed is None or listed != entry.body["key"]:
                continue
            public = read_public_key(listed)
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(
                    bytes.fromhex(entry.body["signature"]), message
                )
            except Exception:  # whatever is wrong with it, it is no signature
                continue
            same = all(said["digests"][k] == running[k] for k in ("spec", "code", "data"))
            unexpired = datetime.fromisoformat(said["expires"]) > datetime.fromisoformat(latest)
            here = entries[said["head_seq"] - 1].hash == said["head_hash"]
            if (said["strategy"], said["to"]) == (name, "live") and same and unexpired and here:
                keys.add(public)
        return keys


Gate.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
class TestGate(Gate.TestCase):
    """Ten thousand steps, of which some lead to live."""

    def runTest(self) -> None:  # noqa: N802 - unittest's name
        Gate.steps = Gate.lives = 0
        super().runTest()
        assert Gate.steps >= ENOUGH
        assert Gate.lives > 0


def test_the_machine_can_reach_live_so_that_the_invariants_mean_something():
    machine = Gate()
    name = "one@aaaaaaaaaaaa"
    machine.the_agent_tries(name, 1)
    machine.the_agent_proposes(name, 1, good=True)
    machine.somebody_approves(name, "ann", None)
    machine.somebody_promotes(name, Stage.PAPER)
    machine.both_approve(name)
    machine.somebody_promotes(name, Stage.LIVE)
    assert machine.office.standing(name).stage is Stage.LIVE
    machine.what_is_live_was_signed_by_two_people()
