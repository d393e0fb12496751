"""Raising: a strategy goes up only when the policy's step is met, in one write or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import Failed, Forbidden
from configs.remedies import Mend
from gate.approval.approvals import counted
from gate.approval.clock import decision_time
from gate.evidence.found import CHECKED, results_of
from gate.policy.stages import Act, Stage, move_of
from gate.strategies.finding import find
from gate.strategies.missing import missing_for
from gate.strategies.strategies import stand
from gate.strategies.tightening import ATTEMPTS, append_next, impossible, reason_given, restless
from storage.ledger.trust import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.context import DecisionContext
    from gate.deciding.swearing import Swears
    from gate.strategies.strategies import Strategy
    from storage.ledger import Entry


def raise_strategy(
    desk: DecisionContext, name: str, act: Act, *, to: Stage | None = None, reason: str, actor: str
) -> Entry:
    """Promote or resume a strategy; a refusal is written down before it is told.

    All that the step asks is looked at again, on the ledger as it is at the write: whatever
    another writer adds in between is seen first.

    Parameters
    ----------
    to
        The stage that is asked for; default the only one that the act leads to.

    Raises
    ------
    BadInput
        If there is no such strategy, or no reason is given.
    Forbidden
        Naming all that is missing.
    """
    because = reason_given(reason)
    for _ in range(ATTEMPTS):
        entries = desk.ledger.entries()
        standing = stand(entries, desk.policy)
        strategy = find(standing, name)
        move = move_of(act, strategy.stage)
        if move is None or to not in {None, move.after}:
            raise _no_such_step(strategy, act, to)
        about = {
            "strategy": strategy.strategy,
            "run_id": strategy.run_id,
            "to": str(move.after),
            "reason": because,
        }
        body: dict[str, object] = {**about, "from": str(move.before)}
        found = None
        if move.needs:
            verdicts = desk.judge(strategy, move.after)
            missing = missing_for(desk, standing, strategy, move.after, entries, verdicts=verdicts)
            if missing:
                desk.ledger.append(
                    CHECKED, {**about, "verdict": "refused", "because": missing}, actor=actor
                )
                raise _refused(strategy, move.after, missing)
            desk.keep(strategy)
            asked = desk.policy.digest(move.after)
            results = results_of(strategy, move.after, asked, verdicts)
            found = append_next(desk.ledger, CHECKED, results, actor, entries)
            if found is None:
                continue
            body |= _grounds(desk, strategy, move.after, entries, found)
        seen = [*entries, found] if found else entries
        if entry := append_next(desk.ledger, act, body, actor, seen):
            return _believed(desk, strategy, move.after, entry)
    raise restless(strategy.strategy)


def release_brake(
    desk: DecisionContext, *, reason: str, actor: str, swear: Swears | None = None
) -> Entry:
    """Let strategies be raised again after everything was halted; none moves by that alone.

    Parameters
    ----------
    swear
        Adds a person's signature; needed where the policy in force lists who may sign.

    Raises
    ------
    Forbidden
        If not everything is halted, or nobody signed who may.
    """
    entries = desk.ledger.entries()
    halt = stand(entries, desk.policy).brake
    if halt is None:
        raise Forbidden("not everything is halted", remedy=Mend.LIST_STRATEGIES())
    body: dict[str, object] = {
        "strategy": ALL, "reason": reason_given(reason), "halt": halt.seq, "halt_hash": halt.hash,
    }  # fmt: skip
    if swear is not None:
        body = swear(str(Act.RESUME), body)
    entry = append_next(desk.ledger, Act.RESUME, body, actor, entries)
    if entry is None:
        raise restless("everything")
    desk.ledger.brake.release(entries.mark)
    return entry


def _grounds(
    desk: DecisionContext, strategy: Strategy, to: Stage, entries: Sequence[Entry], found: Entry
) -> dict[str, object]:
    """Return what a promotion rests on, for whoever reads the ledger later."""
    now = decision_time(entries, desk.clock())
    ground = strategy.ground(to, desk.policy, entries, now)
    return {
        "policy": ground.asked,
        "approvals": [a.seq for a in counted(strategy.approvals, ground).values()],
        "check": found.seq,
    }


def _believed(desk: DecisionContext, strategy: Strategy, to: Stage, entry: Entry) -> Entry:
    """Make sure that the fold, which is what counts, sees it the same way."""
    after = find(stand(desk.ledger.entries()[: entry.seq], desk.policy), strategy.strategy)
    if after.stage is not to:
        why = dict(after.unfounded).get(entry.seq, "")
        raise Failed(f"{strategy.strategy} is still at {after.stage}: {why}")
    return entry


def _no_such_step(strategy: Strategy, act: Act, to: Stage | None) -> Forbidden:
    move = move_of(act, strategy.stage)
    if move is None:
        return impossible(strategy.strategy, act, strategy.stage)
    return Forbidden(
        f"{strategy.strategy} is at {strategy.stage}; from there a {act} leads to {move.after}, "
        f"not to {to}",
        remedy=Mend.SHOW_STRATEGY(strategy=strategy.strategy),
    )


def _refused(strategy: Strategy, to: Stage, missing: Sequence[str]) -> Forbidden:
    return Forbidden(
        f"{strategy.strategy} may not go to {to}",
        hint="\n".join(f"  missing: {line}" for line in missing),
        remedy=Mend.CHECK_STRATEGY(strategy=strategy.strategy),
    )
