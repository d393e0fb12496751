"""The gate, to be read: strategies, how the policy judges them, their evidence, the ledger.

Nothing here decides. What a person decides, they decide at a terminal, by `gate`'s own commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.service.model import Model
from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.service.service import Service
    from gate.checks.check import Verdict
    from gate.policy.policy import Policy
    from gate.policy.stages import Stage
    from gate.strategies.strategies import Standing
    from gate.strategies.strategies import Strategy as Known
    from storage.ledger import Entry


class Check(Model):
    """A question of the policy to the evidence, and the answer."""

    name: str
    meaning: str
    figure: float | None
    unit: str
    bound: str
    """``at least`` or ``at most`` the threshold."""
    threshold: float
    passed: bool
    needed: str
    """What would have to be true; empty where it is."""
    advice: bool
    """Whether the policy does not refuse for it."""
    note: str


class Approval(Model):
    """A person's approval of the next step."""

    by: str
    at: str
    expires: str
    signed: bool
    void: str | None
    """Why it counts for nothing; none where it counts."""
    reason: str


class GateStrategy(Model):
    """Where a strategy stands, and how the next step judges it."""

    strategy: str
    stage: str
    next_stage: str | None
    proposed: str
    run_id: str
    proposals: int
    trials_in_family: int
    checks: list[Check]
    trouble: str
    """Why its evidence cannot be judged; empty where it can."""
    approvals_needed: int
    approvals: list[Approval]


class LedgerEntry(Model):
    """An entry of the ledger."""

    seq: int
    at: str
    kind: str
    actor: str
    void: str
    """Why it counts for nothing; empty where it counts."""
    body: dict[str, Any]
    hash: str


class GateStory(GateStrategy):
    """A strategy with its evidence, and all that the ledger says of it."""

    halted: bool
    """Whether a person has stopped everything."""
    unmet: list[str]
    """What the checks of the next step ask for and do not find."""
    entered: str
    evidence: dict[str, Any]
    paper: dict[str, Any]
    """The newest figures of its paper account."""
    gone: list[str]
    """Files of its evidence that are not there any more."""
    not_believed: dict[int, str]
    """Entries that would have moved it, and why they were not believed."""
    entries: list[LedgerEntry]


def list_strategies(service: Service) -> list[GateStrategy]:
    """Return all proposed strategies, the newest proposal first."""
    policy = _policy(service)
    standing = _standing(service, policy)
    return [GateStrategy(**_summary(service, strategy, policy)) for strategy in standing.strategies]


def show_strategy(service: Service, wanted: str = "last") -> GateStory:
    """Return the whole story of one strategy.

    Parameters
    ----------
    wanted
        ``last``, a name, name@hash, or the run that proposed it.

    Raises
    ------
    BadInput
        If there is none, or more than one.
    """
    from gate.evidence.assembling import gone_files
    from gate.strategies.finding import find_to_read

    policy = _policy(service)
    standing = _standing(service, policy)
    strategy = find_to_read(standing, wanted)
    summary = _summary(service, strategy, policy)
    checks: list[Check] = summary["checks"]
    return GateStory(
        **summary,
        halted=standing.brake is not None,
        unmet=[check.needed for check in checks if not (check.passed or check.advice)],
        entered=strategy.entered,
        evidence=dict(strategy.evidence),
        paper=dict(strategy.paper),
        gone=list(gone_files(service.ledger, service.lake, strategy.evidence)),
        not_believed=dict(strategy.unfounded),
        entries=[
            _entry(entry, void)
            for entry, void in _written(service)
            if entry.body.get("strategy") in {strategy.strategy, "*"}
        ],
    )


def list_entries(
    service: Service, *, kind: str | None = None, after: int = 0, limit: int = 50
) -> list[LedgerEntry]:
    """Return the newest entries of the ledger, the newest last.

    Parameters
    ----------
    kind
        Only entries of this kind, as ``trial`` or ``proposal``.
    after
        Only entries of a number above this one.

    Raises
    ------
    BadInput
        If the ledger knows no such kind.
    """
    from storage.ledger.bodies import KINDS

    if kind is not None and kind not in KINDS:
        raise BadInput(f"the ledger knows no kind `{kind}`", hint=did_you_mean(kind, KINDS))
    found = [
        (entry, void)
        for entry, void in _written(service)
        if kind in {None, entry.kind} and entry.seq > after
    ]
    return [_entry(entry, void) for entry, void in found[-limit:]]


def _policy(service: Service) -> Policy:
    """Return the policy that decides: the one in force, else what a first approval would take."""
    from gate.policy.file import load_policy, shipped_policy
    from gate.policy.in_force import policy_in_force, version_in_force

    entries = service.ledger.entries()
    if version_in_force(entries):
        return policy_in_force(entries, shipped_policy())
    return load_policy(service.workspace)


def _standing(service: Service, policy: Policy) -> Standing:
    from gate.strategies.strategies import stand

    return stand(service.ledger.entries(), policy)


def _written(service: Service) -> Sequence[tuple[Entry, str]]:
    return service.ledger.written()


def _summary(service: Service, strategy: Known, policy: Policy) -> dict[str, Any]:
    from gate.approval.clock import now_utc
    from gate.evidence.judging import evidence_on_hand
    from gate.summaries import summary_of

    def judge(strategy: Known, to: Stage) -> Sequence[Verdict]:
        return policy.step(to).judge(evidence_on_hand(strategy, service.ledger, service.lake))

    told = summary_of(strategy, policy, service.ledger.entries(), now_utc(), judge=judge)
    return {
        **told,
        "checks": [Check(**each) for each in told["checks"]],
        "approvals": [Approval(**each) for each in told["approvals"]],
    }


def _entry(entry: Entry, void: str) -> LedgerEntry:
    return LedgerEntry(
        seq=entry.seq, at=entry.at, kind=entry.kind, actor=entry.actor, void=void,
        body=dict(entry.body), hash=entry.hash,
    )  # fmt: skip
