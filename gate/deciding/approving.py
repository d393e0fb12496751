"""Approving: a person binds themselves to what they saw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput, Forbidden
from configs.remedies import Mend
from gate.approval.approvals import KIND, Statement, body_of, counted, read_approval
from gate.approval.clock import decision_time
from gate.deciding.policy import take_policy
from gate.policy.stages import Stage, step_after
from gate.statements.checking import previous_of
from gate.statements.differences import say_check
from gate.statements.facts import gather
from gate.statements.text import digest_text, write_text
from gate.strategies.finding import find
from gate.strategies.strategies import stand
from gate.strategies.tightening import reason_given

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gate.context import DecisionContext
    from gate.statements.facts import Facts
    from gate.strategies.strategies import Strategy
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
        Asks the person, and returns the signature; empty where they confirmed without signing.
    show
        Shows them the text whose digest the statement names, before they are asked.
    """

    name: str
    key: str
    sign: Callable[[Statement], str]
    show: Callable[[str], None] = lambda _: None


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
            remedy=Mend.SHOW_STRATEGY(strategy=strategy.strategy),
        )
    return to


def approve(
    desk: DecisionContext,
    name: str,
    approver: Approver,
    *,
    reason: str,
    although: str | None = None,
) -> Entry:
    """Put an approval on the ledger.

    Parameters
    ----------
    although
        Why it is approved although checks fail, in the person's words.

    Raises
    ------
    BadInput
        If there is no such strategy, or no reason; if `although` is given and no check fails.
    Forbidden
        If nothing leads up from where it stands, it may hold more than the policy allows, checks
        fail and that is not said or not allowed, the code or the data was changed since the run,
        the clock was set back, the person has approved already, or the strategy was moved while
        they were thinking.
    """
    entries = desk.ledger.entries()
    strategy = find(stand(entries, desk.policy), name)
    to = step_to_approve(strategy)
    now = decision_time(entries, desk.clock())
    desk.refuse_changed(strategy)
    ground = strategy.ground(to, desk.policy, entries, now)
    if ground.too_wide:
        raise Forbidden(
            f"the symbols or bounds of {strategy.strategy} pass what the policy allows",
            hint="a run from dryrun proposes within it",
            remedy=Mend.RUN_SPEC(spec=strategy.name),
        )
    if strategy.stage is not to and approver.name in counted(strategy.approvals, ground):
        raise Forbidden(f"{approver.name} has approved this already; it takes another person")
    facts = show(desk, strategy, to, entries)
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
        although=_although(desk, strategy, facts, although),
    )
    text = text_of(statement, facts, entries)
    statement = replace(statement, shown=digest_text(text))
    approver.show(text)
    signature = approver.sign(statement)
    body = body_of(statement, key=approver.key, signature=signature, facts=facts, text=text)
    take_policy(desk.ledger, desk.policy, actor=approver.name)

    def moved(entries: Sequence[Entry]) -> bool:
        there = find(stand(entries, desk.policy), strategy.strategy)
        return (there.since, there.digests) != (strategy.since, strategy.digests)

    entry = desk.ledger.append(KIND, body, actor=approver.name, unless=moved)
    if entry is None:
        raise Forbidden(
            f"{strategy.strategy} was moved or proposed anew meanwhile; nothing was approved",
            remedy=Mend.SHOW_STRATEGY(strategy=strategy.strategy),
        )
    return entry


def show(desk: DecisionContext, strategy: Strategy, to: Stage, entries: Sequence[Entry]) -> Facts:
    """Gather what a person is shown of a step before they approve it."""
    before = previous_of(strategy.name, entries, len(entries))
    return gather(
        strategy.evidence,
        desk.judge(strategy, to),
        desk.describe(strategy.run_id),
        proposer=strategy.proposer,
        previous=before.seq if before else 0,
    )


def text_of(statement: Statement, facts: Facts, entries: Sequence[Entry]) -> str:
    """Write what a person is shown, on the ledger as it is."""
    before = read_approval(entries[facts.previous - 1]) if facts.previous else None
    return write_text(statement, facts, before)


def _although(
    desk: DecisionContext, strategy: Strategy, facts: Facts, reason: str | None
) -> dict[str, Any] | None:
    """Return what is said of checks that fail; refuse where it is not said."""
    if not facts.failing:
        if reason is not None:
            raise BadInput(f"no check of {strategy.strategy} fails: --although-failing is not so")
        return None
    failing = [f"  {one.name} {say_check(one)}" for one in facts.checks if one.fails]
    if not desk.policy.failing_may_be_approved:
        raise Forbidden(
            f"checks of {strategy.strategy} fail, and the policy forbids to approve then",
            hint="\n".join(failing),
            remedy=Mend.CHECK_STRATEGY(strategy=strategy.strategy),
        )
    if reason is None:
        raise Forbidden(
            f"checks of {strategy.strategy} fail; nothing was signed",
            hint="\n".join([*failing, "to approve all the same: --although-failing REASON"]),
            remedy=Mend.CHECK_STRATEGY(strategy=strategy.strategy),
        )
    return {"reason": reason_given(reason), "checks": list(facts.failing)}
