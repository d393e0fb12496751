"""Approving: a person binds themselves to what they saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from configs.errors import Forbidden
from gate.approvals import KIND, Statement, body_of, counted
from gate.clock import decision_time
from gate.deciding.policy import take_policy
from gate.finding import find
from gate.stages import Stage, step_after
from gate.strategies import stand
from gate.tightening import reason_given

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gate.deciding.desk import Desk
    from gate.strategies import Strategy
    from storage.ledger import Entry


@dataclass(frozen=True, slots=True)
class Approver:
    """Who approves, and how they prove it.

    Attributes
    ----------
    name
        A person as the policy lists them, or an account where no signature is asked for.
    key
        Their public key; empty where they do not sign.
    sign
        Shows the statement, asks the person, and returns the signature in hex; empty where they
        confirmed without signing.
    """

    name: str
    key: str
    sign: Callable[[Statement], str]


def step_to_approve(strategy: Strategy) -> Stage:
    """Return the step that an approval would be for; one that is live is approved anew for live.

    Raises
    ------
    Forbidden
        If no step leads up from where it stands.
    """
    to = Stage.LIVE if strategy.stage is Stage.LIVE else step_after(strategy.stage)
    if to is None:
        raise Forbidden(
            f"{strategy.strategy} is {strategy.stage}: there is nothing to approve",
            next_command=f"qraft gate show {strategy.strategy}",
        )
    return to


def approve(desk: Desk, name: str, approver: Approver, *, reason: str) -> Entry:
    """Put an approval on the ledger.

    Raises
    ------
    BadInput
        If there is no such strategy, or no reason.
    Forbidden
        If nothing leads up from where it stands, the code or the data was changed since the run,
        the clock was set back, the person has approved already, or the strategy was moved while
        they were thinking.
    """
    entries = desk.ledger.entries()
    strategy = find(stand(entries, desk.policy), name)
    to = step_to_approve(strategy)
    now = decision_time(entries, desk.clock())
    desk.refuse_changed(strategy)
    ground = strategy.ground(to, desk.policy, entries, now)
    if strategy.stage is not to and approver.name in counted(strategy.approvals, ground):
        raise Forbidden(f"{approver.name} has approved this already; it takes another person")
    statement = Statement(
        strategy=strategy.strategy,
        to=str(to),
        run_id=strategy.run_id,
        digests=strategy.digests,
        policy=ground.asked,
        head_seq=entries[-1].seq,
        head_hash=entries[-1].hash,
        given=now.isoformat(timespec="microseconds"),
        expires=(now + timedelta(days=desk.policy.step(to).lasts_days)).isoformat(),
        by=approver.name,
        reason=reason_given(reason),
        mandate=ground.mandate,
    )
    body = body_of(statement, key=approver.key, signature=approver.sign(statement))
    take_policy(desk.ledger, desk.policy, actor=approver.name)

    def moved(entries: Sequence[Entry]) -> bool:
        there = find(stand(entries, desk.policy), strategy.strategy)
        return (there.since, there.digests) != (strategy.since, strategy.digests)

    entry = desk.ledger.append(KIND, body, actor=approver.name, unless=moved)
    if entry is None:
        raise Forbidden(
            f"{strategy.strategy} was moved or proposed anew meanwhile; nothing was approved",
            next_command=f"qraft gate show {strategy.strategy}",
        )
    return entry
