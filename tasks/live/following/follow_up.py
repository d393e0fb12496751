"""What is done with a strategy at paper or live after one of its runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.errors import Forbidden
from gate.approval.clock import now_utc
from gate.policy.in_force import policy_in_force
from gate.policy.stages import Act, Stage
from gate.policy.watch import breaches
from gate.signals.authority import authorise
from gate.signals.signal import TOPICS
from gate.strategies.finding import find
from gate.strategies.strategies import PAPER_KIND, running, stand
from gate.strategies.tightening import tighten
from tasks.live.following.live_state import LiveState
from tasks.live.following.publishing import Publication, Publisher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from gate.policy.policy import Policy
    from gate.strategies.strategies import Strategy
    from storage.ledger import Ledger
    from tasks.dag.session import Session

OF_THE_HOUR = frozenset({"stale_hours", "future_bars"})
"""Figures that change while nothing happens."""
POLICY = "policy"
"""Who acts where nobody is asked."""


@dataclass(frozen=True, slots=True)
class Following:
    """What became of a running strategy in this run.

    Attributes
    ----------
    stage
        Where it stands now.
    figures
        How its paper account and its inputs fare, by name.
    published
        The time of the signal that was published; none where none was.
    stopped
        Why it was demoted or halted; empty where it was not.
    held_back
        Why a signal did not leave; empty where none was held back.
    left_out
        Symbols of the data that were not approved, and take part in nothing.
    absent
        Approved symbols that have no newest bar: what is held of them cannot be dealt.
    """

    stage: Stage
    figures: Mapping[str, float | None]
    published: datetime | None
    stopped: str = ""
    held_back: str = ""
    left_out: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def follow_up(
    session: Session,
    ledger: Ledger,
    policy: Policy,
    *,
    clock: Callable[[], datetime] = now_utc,
) -> Following | None:
    """Follow the strategy of a finished run, if it is at paper or live.

    In this order, so that a kill in between leaves nothing worse than a signal told twice: figures
    to the ledger, limits, the signal into the lake, the event onto the bus, rows into the
    warehouse. A run of the past (``as_of``) follows nothing: paper is what came later.

    Parameters
    ----------
    clock
        Tells the time, UTC.

    Returns
    -------
    Following or None
        None where the strategy runs at neither.
    """
    entries = ledger.entries()
    policy = policy_in_force(entries, policy)
    strategy = running(entries, policy, session.plan.strategy)
    if strategy is None or session.plan.as_of is not None:
        return None
    now = clock()
    state = LiveState(session, strategy, now)
    figures = state.figures(ledger.entries())
    _tell(ledger, strategy, session, figures)
    stopped = _enforce(ledger, policy, strategy, figures)
    if not stopped and strategy.stage is Stage.LIVE:
        stopped = _refuse_unauthorised(ledger, policy, strategy, state, now)
    there = find(stand(ledger.entries(), policy), strategy.strategy)
    told = Publication()
    if there.stage in TOPICS:
        told = Publisher(state, ledger, policy, there, now).publish()
    return Following(
        there.stage, figures, told.ts, stopped, told.held_back, state.left_out, state.absent
    )


def _tell(
    ledger: Ledger, strategy: Strategy, session: Session, figures: Mapping[str, float | None]
) -> None:
    """Write the figures down, unless nothing but time has passed since the last ones."""
    body: dict[str, Any] = {
        "strategy": strategy.strategy,
        "run_id": session.plan.run_id,
        "figures": dict(figures),
    }

    def told(kept: Mapping[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in kept.get("figures", {}).items() if k not in OF_THE_HOUR}

    def known(entries: Sequence[Any]) -> bool:
        mine = [
            e.body for e in entries
            if e.kind == PAPER_KIND and e.body.get("strategy") == strategy.strategy
            and e.seq > strategy.since
        ]  # fmt: skip
        return bool(mine) and told(mine[-1]) == told(body)

    ledger.append(PAPER_KIND, body, actor="run", unless=known)


def _enforce(
    ledger: Ledger, policy: Policy, strategy: Strategy, figures: Mapping[str, float | None]
) -> str:
    """Demote or halt a strategy that passed a limit; return why."""
    found = breaches(policy, figures)
    if not found:
        return ""
    reason = "; ".join(breach.reason for breach in found)
    act = Act.HALT if found[0].then == "halt" else Act.DEMOTE
    tighten(ledger, policy, strategy.strategy, act, reason=reason, actor=POLICY)
    return reason


def _refuse_unauthorised(
    ledger: Ledger, policy: Policy, strategy: Strategy, state: LiveState, now: datetime
) -> str:
    """Demote a strategy whose approvals do not hold any more; return why."""
    try:
        authorise(ledger.entries(), policy, strategy.strategy, state.running(), now)
    except Forbidden as refusal:
        tighten(
            ledger, policy, strategy.strategy, Act.DEMOTE,
            to=Stage.PAPER, reason=refusal.what, actor=POLICY,
        )  # fmt: skip
        return refusal.what
    return ""
