"""Strategies as the ledger tells them: a pure fold over its entries.

The fold believes no entry by its word. A move counts only where the table of moves knows it from
where the strategy stands; a move that needs the policy's step only where the policy in force at
that entry is met: by check results about that very evidence, which are looked at again, and by
approvals that count. Appending a line to the ledger promotes nothing. What is not believed is kept,
with why.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gate.approval import approvals
from gate.approval.approvals import Approval, ApprovalContext, counted, evidence_of, read_approval
from gate.approval.clock import later
from gate.approval.mandate import read_mandate
from gate.evidence import proposals, trials
from gate.evidence.found import CHECKED, Found, read_found, why_unfounded
from gate.policy.in_force import InForce
from gate.policy.stages import RUNNING, Act, Stage, move_of
from storage.ledger import Entries
from storage.ledger.trust import ALL, REVOCATION
from storage.ledger.versions import KINDS as OF_POLICY
from storage.ledger.versions import MIGRATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gate.approval.mandate import Mandate
    from gate.checks.evidence import Digests
    from gate.policy.policy import Policy
    from gate.policy.stages import Move
    from storage.ledger import Entry

PAPER_KIND = "paper"
"""Entries that tell how a running strategy's paper account fares."""

ACTS = {str(act): act for act in Act}


@dataclass(frozen=True, slots=True)
class Strategy:
    """What the ledger knows of one strategy, ``name@spec_hash``.

    Attributes
    ----------
    proposed
        When its newest evidence was submitted, UTC, ISO 8601.
    since
        The number of the entry by which it came to where it stands.
    granted
        The entry since which approvals count that keep it where it is.
    entered
        When it came there, UTC, ISO 8601.
    running_since
        When it came to paper or live from elsewhere; empty where it is at neither.
    approvals
        All that were given, whether they count or not.
    paper
        The newest figures of its paper account, by name.
    unfounded
        Entries that would have moved it and were not believed: number, and why.
    found
        What the checks found last, if nothing came after that would change it.
    proposer
        The account that submitted its newest evidence; empty where that is unknown.
    revoked
        Keys that count no more, and the entry since which.
    """

    strategy: str
    stage: Stage
    proposed: str
    run_id: str
    evidence: Mapping[str, Any]
    proposals: int = 1
    trials_in_family: int = 0
    since: int = 0
    granted: int = 0
    entered: str = ""
    running_since: str = ""
    approvals: tuple[Approval, ...] = ()
    paper: Mapping[str, Any] = field(default_factory=dict)
    unfounded: tuple[tuple[int, str], ...] = ()
    found: Found | None = None
    proposer: str = ""
    revoked: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The study's name, without the digest of its spec."""
        return self.strategy.partition("@")[0]

    @property
    def figures(self) -> dict[str, float | None]:
        """The evidence's numbers, by name."""
        return dict(self.evidence.get("figures", {}))

    @property
    def digests(self) -> Digests:
        """What its evidence was made from, and of the evidence itself."""
        return evidence_of(self.evidence)

    @property
    def mandate(self) -> Mandate | None:
        """What its signals may hold; None where it was proposed before that was asked."""
        return read_mandate(self.evidence)

    def ground(
        self, to: Stage, policy: Policy, entries: Sequence[Entry], now: datetime,
        *, asked: str | None = None,
    ) -> ApprovalContext:  # fmt: skip
        """Return what an approval of its step to a stage must stand on.

        Parameters
        ----------
        asked
            The digest of what was asked, where that is not what the policy asks now.
        """
        return ApprovalContext(
            strategy=self.strategy,
            to=to,
            digests=self.digests,
            policy=policy,
            asked=policy.digest(to) if asked is None else asked,
            since=self.granted if to is self.stage else self.since,
            entries=entries,
            now=now,
            proposer=self.proposer,
            revoked=self.revoked,
            mandate=self.mandate.digest if self.mandate else "",
            too_wide=self.mandate is not None and policy.narrowed(self.mandate) != self.mandate,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """All strategies, and whether a person has stopped everything.

    Attributes
    ----------
    strategies
        The newest proposal first.
    brake
        The entry by which all was halted, while that is in force; of number 0 where it is the mark
        beside the ledger alone.
    """

    strategies: tuple[Strategy, ...]
    brake: Entry | None = None


def stand(entries: Sequence[Entry], policy: Policy) -> Standing:
    """Tell from the ledger where every strategy stands.

    Parameters
    ----------
    policy
        What is shown where the ledger has none yet; it moves nothing.
    """
    fold = _Fold(entries, policy)
    for entry in entries:
        fold.take(entry)
    mark = entries.mark if isinstance(entries, Entries) else None
    known = [replace(s, trials_in_family=fold.trials_of(s)) for s in fold.known.values()]
    if mark is not None:
        halted = {stage: move_of(Act.HALT, stage) for stage in RUNNING}
        known = [
            replace(s, stage=move.after) if (move := halted.get(s.stage)) else s for s in known
        ]
    return Standing(tuple(known[::-1]), fold.brake or mark)


def by_which(halt: Entry) -> str:
    """Say by what everything is halted."""
    return f"by entry {halt.seq} of the ledger" if halt.seq else "by the mark beside the ledger"


def strategies(entries: Iterable[Entry], policy: Policy) -> list[Strategy]:
    """Return all proposed strategies, the newest proposal first."""
    return list(stand(list(entries), policy).strategies)


def running(entries: Sequence[Entry], policy: Policy, name: str) -> Strategy | None:
    """Return a strategy that is at paper or live; None for any other."""
    standing = stand(entries, policy)
    return next((s for s in standing.strategies if s.strategy == name and s.stage in RUNNING), None)


class _Fold:
    """The state between one entry and the next."""

    def __init__(self, entries: Sequence[Entry], policy: Policy) -> None:
        self._entries = entries
        self._policies = InForce(policy)
        self._family_of: dict[str, str] = {}
        self._family_size: dict[str, int] = {}
        self._latest = ""
        self._first_edition = 0
        self._revoked: dict[str, int] = {}
        for entry in entries:
            if entry.kind == MIGRATED:
                # What judged the first edition is known from its end; it holds from its beginning.
                self._first_edition = entry.body["head_seq"]
                self._policies.take(entry)
            elif entry.kind == REVOCATION:
                key, since = entry.body["revoked"], entry.body["since"]
                self._revoked[key] = min(since, self._revoked.get(key, since))
        self.known: dict[str, Strategy] = {}
        self.brake: Entry | None = None

    def trials_of(self, strategy: Strategy) -> int:
        """Count the trials on the strategy's data."""
        return self._family_size.get(self._family_of.get(strategy.run_id, ""), 0)

    def take(self, entry: Entry) -> None:
        """Take one more entry into account."""
        self._latest = later(self._latest, entry)  # a clock set back makes nothing younger
        if entry.kind in OF_POLICY:
            self._policies.take(entry)
        elif entry.kind == trials.KIND:
            self._count(entry)
        elif entry.kind == proposals.KIND:
            before = self.known.pop(entry.body["strategy"], None)
            self.known[entry.body["strategy"]] = _proposed(entry, before, self._revoked)
        elif entry.kind in ACTS and entry.body.get("strategy") == ALL:
            self._stop_or_go(entry)
        elif (strategy := self.known.get(str(entry.body.get("strategy")))) is not None:
            self.known[strategy.strategy] = self._concerning(strategy, entry)

    def _count(self, entry: Entry) -> None:
        family = entry.body["family"]
        self._family_of[entry.body["run_id"]] = family
        self._family_size[family] = self._family_size.get(family, 0) + 1

    def _stop_or_go(self, entry: Entry) -> None:
        act = ACTS[entry.kind]
        if act is Act.RESUME:
            if self.brake is not None and self._answers(entry, self.brake):
                self.brake = None
        elif act is Act.HALT:
            self.brake = entry
            for name, strategy in self.known.items():
                if move := move_of(act, strategy.stage):
                    self.known[name] = _moved(strategy, move, entry)

    def _answers(self, entry: Entry, halt: Entry) -> bool:
        """Whether a resumption is a word on this very halt, and not on one before."""
        if entry.seq <= self._first_edition:
            return True
        return (entry.body.get("halt"), entry.body.get("halt_hash")) == (halt.seq, halt.hash)

    def _concerning(self, strategy: Strategy, entry: Entry) -> Strategy:
        if entry.kind == approvals.KIND:
            approval = read_approval(entry)
            given = (approval,) if approval else ()
            return replace(strategy, approvals=strategy.approvals + given)
        if entry.kind == PAPER_KIND and strategy.stage in RUNNING:
            return replace(strategy, paper=entry.body.get("figures", {}), found=None)
        if entry.kind == CHECKED:
            return replace(strategy, found=read_found(entry))
        if entry.kind not in ACTS:
            return strategy
        move = move_of(ACTS[entry.kind], strategy.stage)
        why = self._doubt(strategy, move, entry)
        if why is None and move is not None:
            return _moved(strategy, move, entry)
        return replace(strategy, unfounded=(*strategy.unfounded, (entry.seq, why or "")))

    def _doubt(self, strategy: Strategy, move: Move | None, entry: Entry) -> str | None:
        """Say why an entry that would move a strategy is not believed."""
        if move is None or entry.body.get("to", move.after) != move.after:
            return f"no such move leads out of {strategy.stage}"
        if not move.needs:
            return None
        if self.brake is not None:
            return f"all is halted {by_which(self.brake)}"
        policy = self._policies.current
        return self._unmet(strategy, move, entry, policy) if policy else "no policy was in force"

    def _unmet(self, strategy: Strategy, move: Move, entry: Entry, policy: Policy) -> str | None:
        """Say what the step of a policy asks for and was not there at an entry."""
        first_edition = entry.seq <= self._first_edition
        given = str(entry.body.get("policy"))
        asked = given if first_edition else policy.digest(move.after)
        if given != asked:
            return "it names another policy than was in force"
        if not first_edition:
            step = policy.step(move.after)
            if why := why_unfounded(step, asked, move.after, strategy.digests, strategy.found):
                return why
        ground = strategy.ground(
            move.after, policy, self._entries[: entry.seq - 1],
            datetime.fromisoformat(self._latest), asked=asked,
        )  # fmt: skip
        there, needed = len(counted(strategy.approvals, ground)), policy.step(move.after).approvals
        return f"{there} of {needed} approvals count" if there < needed else None


def _proposed(entry: Entry, before: Strategy | None, revoked: Mapping[str, int]) -> Strategy:
    return Strategy(
        strategy=entry.body["strategy"],
        stage=before.stage if before else Stage.DRYRUN,
        proposed=entry.at,
        run_id=entry.body["run_id"],
        evidence=entry.body["evidence"],
        proposals=before.proposals + 1 if before else 1,
        since=before.since if before else entry.seq,
        granted=before.granted if before else entry.seq,
        entered=before.entered if before else entry.at,
        running_since=before.running_since if before else "",
        approvals=before.approvals if before else (),
        paper=before.paper if before else {},
        unfounded=before.unfounded if before else (),
        proposer=str(entry.body.get("proposer", "")),
        revoked=revoked,
    )


def _moved(strategy: Strategy, move: Move, entry: Entry) -> Strategy:
    goes_on = move.before in RUNNING and move.after in RUNNING
    begins = entry.at if move.after in RUNNING else ""
    return replace(
        strategy,
        stage=move.after,
        since=entry.seq,
        granted=strategy.since,
        entered=entry.at,
        running_since=strategy.running_since if goes_on else begins,
        paper=strategy.paper if goes_on else {},
        found=None,
    )
