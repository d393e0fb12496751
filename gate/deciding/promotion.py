"""Promotion: refused until the evidence holds and people have approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, Forbidden, did_you_mean
from gate.policy import Check, Policy, check
from gate.stages import PROMOTION, Stage
from gate.strategies import Strategy, strategies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.ledger import Ledger


def find(ledger: Ledger, name: str) -> Strategy:
    """Return the strategy of that name; the name alone suffices where it is not ambiguous.

    Raises
    ------
    BadInput
        If there is none, or more than one.
    """
    known = strategies(ledger.entries())
    matching = [s for s in known if name in {s.strategy, s.name, s.run_id}]
    if not matching:
        raise BadInput(
            f"the gate knows no strategy `{name}`",
            hint=did_you_mean(name.partition("@")[0], {s.name for s in known}) if known else None,
            next_command="qraft gate list",
        )
    if len(matching) > 1:
        names = ", ".join(s.strategy for s in matching)
        raise BadInput(f"`{name}` may be any of {names}", next_command="qraft gate list")
    return matching[0]


def promote(ledger: Ledger, policy: Policy, name: str, *, to: Stage) -> None:
    """Refuse a promotion for which evidence or approvals are missing.

    Raises
    ------
    Forbidden
        Naming each rule that fails, with its figure, and how many approvals are missing.
    """
    strategy = find(ledger, name)
    if strategy.stage is not PROMOTION[to]:
        raise Forbidden(
            f"{strategy.strategy} is at {strategy.stage}; {to} follows {PROMOTION[to]}",
            next_command=f"qraft gate show {strategy.strategy}",
        )
    step = policy.step(to)
    missing = unmet(check(step, strategy.figures), approvals=step.approvals)
    raise Forbidden(
        f"{strategy.strategy} may not go to {to}",
        hint="\n".join(f"  missing: {line}" for line in missing),
        next_command=f"qraft gate show {strategy.strategy}",
    )


def unmet(checks: Sequence[Check], *, approvals: int) -> list[str]:
    """Say what would have to be true before a step may be taken."""
    failed = [
        f"{c.meaning} ({c.figure} is {_number(c.value)}, must be {c.bound})"
        for c in checks
        if not c.passed
    ]
    people = "person" if approvals == 1 else "people"
    # An approval counts by its signature alone, and the policy lists nobody's key.
    return [*failed, f"approval by {approvals} {people} (no key is listed, so none can count)"]


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4g}"
