"""What a step lacks: checks that fail, approvals that are not there or void, a halt. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import Forbidden
from gate.approval.approvals import counted, why_void
from gate.approval.clock import decision_time
from gate.policy.policy import unmet
from gate.strategies.strategies import by_which

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.approval.approvals import ApprovalContext
    from gate.checks.check import Verdict
    from gate.context import DecisionContext
    from gate.policy.stages import Stage
    from gate.strategies.strategies import Standing, Strategy
    from storage.ledger import Entry


def missing_for(
    desk: DecisionContext, standing: Standing, strategy: Strategy, to: Stage,
    entries: Sequence[Entry], *, verdicts: Sequence[Verdict],
) -> list[str]:  # fmt: skip
    """Say all that a step lacks, in sentences; empty where it may be taken."""
    missing = []
    if standing.brake is not None:
        missing.append(f"all is halted {by_which(standing.brake)}: qraft gate resume --all")
    missing += unmet(verdicts)
    try:
        now = decision_time(entries, desk.clock())
        desk.refuse_changed(strategy)
    except Forbidden as refusal:
        return [*missing, refusal.what]
    return missing + lacking_approvals(strategy, strategy.ground(to, desk.policy, entries, now))


def lacking_approvals(strategy: Strategy, ground: ApprovalContext) -> list[str]:
    """Say how many approvals are missing, and why those that were given do not count."""
    step = ground.policy.step(ground.to)
    there = counted(strategy.approvals, ground)
    if len(there) >= step.approvals:
        return []
    kind = "signed approval" if step.signed else "approval"
    people = f" ({', '.join(sorted(there))} so far)" if there else ""
    lines = [f"{kind}s by {step.approvals} different people; {len(there)} count{people}"]
    if step.signed and len(ground.policy.keys) < step.approvals:
        lines.append(
            f"keys of {step.approvals} people in the policy; {len(ground.policy.keys)} are"
        )
    given = [a for a in strategy.approvals if a.statement.to == str(ground.to)]
    void = [(a, why_void(a, ground)) for a in given]
    return lines + [f"the approval by {a.by} is void: {why}" for a, why in void if why]
