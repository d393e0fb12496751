"""Authority: whether a live signal may leave, asked anew before each one. Pure.

Being at live is not enough. What runs must be what was approved, the approvals must name symbols
and bounds and must not have expired, their keys must still be listed, and the policy must still be
the one of then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.errors import Forbidden
from configs.remedies import Mend
from gate.approval.approvals import counted, why_void
from gate.approval.clock import decision_time
from gate.policy.in_force import policy_in_force
from gate.policy.stages import Stage
from gate.strategies.finding import find
from gate.strategies.strategies import by_which, stand
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gate.approval.approvals import Approval
    from gate.policy.policy import Policy
    from gate.strategies.strategies import Strategy
    from storage.ledger import Entry


@dataclass(frozen=True, slots=True)
class Authority:
    """By whose word a signal leaves.

    Attributes
    ----------
    approvals
        What was said and signed: ``statement``, ``key`` and ``signature`` of each, in the order of
        the people's names. A consumer that knows the people's keys needs nobody else to believe.
    people
        Who gave them.
    expires
        When the first of them ends, UTC, ISO 8601; empty where that stops nothing.
    """

    approvals: tuple[Mapping[str, Any], ...]
    people: tuple[str, ...]
    expires: str

    @property
    def digest(self) -> str:
        """The sha256 of the approvals; empty where there are none."""
        return digest(list(self.approvals)) if self.approvals else ""


def authorise(
    entries: Sequence[Entry],
    policy: Policy,
    strategy: str,
    running: Mapping[str, str],
    now: datetime,
) -> Authority:
    """Return by whose word a strategy's signals may go live.

    Parameters
    ----------
    running
        The digests ``spec``, ``code`` and ``data`` of what runs now.

    Raises
    ------
    Forbidden
        Naming the first reason why they may not.
    """
    policy = policy_in_force(entries, policy)
    standing = stand(entries, policy)
    found = find(standing, strategy)
    if standing.brake is not None:
        raise Forbidden(f"everything is halted {by_which(standing.brake)}")
    if found.stage is not Stage.LIVE:
        raise Forbidden(f"{found.strategy} is at {found.stage}")
    changed = [name for name in ("spec", "code", "data") if not _same(name, running, found)]
    if changed:
        raise Forbidden(f"changed since {found.strategy} was approved: {', '.join(changed)}")
    if found.mandate is None:
        raise Forbidden(
            f"{found.strategy} was approved before approvals named symbols and bounds",
            hint="take it back to dryrun, run it, and approve what it proposes",
            remedy=Mend.DEMOTE_STRATEGY(strategy=found.strategy),
        )
    ground = found.ground(Stage.LIVE, policy, entries, decision_time(entries, now))
    there = counted(found.approvals, ground)
    if len(there) < policy.live.approvals:
        void = {f"{a.by}: {why}" for a in found.approvals if (why := why_void(a, ground))}
        raise Forbidden(
            f"{len(there)} of {policy.live.approvals} approvals for live count now",
            hint="\n".join(sorted(void)) or None,
        )
    return _given_by(there.values(), expires=min(a.statement.expires for a in there.values()))


def granted(entries: Sequence[Entry], strategy: Strategy) -> Authority:
    """Return by whose word a strategy came to where it stands, as the entry that moved it says."""
    named = entries[strategy.since - 1].body.get("approvals")
    there = named if isinstance(named, list) else []
    return _given_by((a for a in strategy.approvals if a.seq in there), expires="")


def _given_by(approvals: Iterable[Approval], *, expires: str) -> Authority:
    there = sorted(approvals, key=lambda approval: approval.by)
    return Authority(
        approvals=tuple(
            {"statement": a.statement.document(), "key": a.key, "signature": a.signature}
            for a in there
        ),
        people=tuple(a.by for a in there),
        expires=expires,
    )


def _same(name: str, running: Mapping[str, str], strategy: Strategy) -> bool:
    there = running.get(name)
    return bool(there) and there == getattr(strategy.digests, name)
