"""Authority: whether a live signal may leave, asked anew before each one. Pure.

Being at live is not enough. What runs must be what was approved, the approvals must not have
expired, their keys must still be listed, and the policy must still be the one of then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import Forbidden
from gate.approvals import counted, why_void
from gate.clock import decision_time
from gate.finding import find
from gate.in_force import policy_in_force
from gate.stages import Stage
from gate.strategies import by_which, stand
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gate.policy import Policy
    from gate.strategies import Strategy
    from storage.ledger import Entry


@dataclass(frozen=True, slots=True)
class Authority:
    """By whose word a live signal leaves.

    Attributes
    ----------
    approvals
        The digest of the approvals' entries, as a consumer can look them up.
    people
        Who gave them.
    expires
        When the first of them ends, UTC, ISO 8601.
    """

    approvals: str
    people: tuple[str, ...]
    expires: str


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
    ground = found.ground(Stage.LIVE, policy, entries, decision_time(entries, now))
    there = counted(found.approvals, ground)
    if len(there) < policy.live.approvals:
        void = {f"{a.by}: {why}" for a in found.approvals if (why := why_void(a, ground))}
        raise Forbidden(
            f"{len(there)} of {policy.live.approvals} approvals for live count now",
            hint="\n".join(sorted(void)) or None,
        )
    return Authority(
        approvals=digest([entries[a.seq - 1].hash for _, a in sorted(there.items())]),
        people=tuple(sorted(there)),
        expires=min(a.statement.expires for a in there.values()),
    )


def _same(name: str, running: Mapping[str, str], strategy: Strategy) -> bool:
    there = running.get(name)
    return bool(there) and there == getattr(strategy.digests, name)
