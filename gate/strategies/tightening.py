"""Moves that only take away: back, or to a stop. Anybody may make them, a program too."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from configs.errors import BadInput, Busy, Failed, Forbidden, QraftError
from configs.remedies import Mend
from gate.policy.stages import MOVES, Act, move_of
from gate.strategies.finding import find
from gate.strategies.strategies import stand
from storage.ledger.trust import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gate.policy.policy import Policy
    from gate.policy.stages import Stage
    from storage.ledger import Entry, Ledger

TIGHTENING = frozenset({Act.DEMOTE, Act.REJECT, Act.HALT, Act.RETIRE})
ATTEMPTS = 50
"""How often a decision is taken anew because somebody else wrote to the ledger meanwhile."""


def tighten(
    ledger: Ledger,
    policy: Policy,
    name: str,
    act: Act,
    *,
    to: Stage | None = None,
    reason: str,
    actor: str,
) -> Entry:
    """Demote, reject, halt or retire a strategy.

    Parameters
    ----------
    name
        As :func:`gate.strategies.finding.find` takes it.
    act
        One of `TIGHTENING`.
    to
        Where it should end; then the same command given twice does not go two stages back.
    reason
        Why; goes to the ledger.
    actor
        Who says so: an account's name, or ``policy``.

    Raises
    ------
    BadInput
        If there is no such strategy, or no reason.
    Forbidden
        If no such move leads out of where it stands.
    """
    if act not in TIGHTENING:
        raise ValueError(f"{act} does not only take away")
    for _ in range(ATTEMPTS):
        entries = ledger.entries()
        strategy = find(stand(entries, policy), name)
        move = move_of(act, strategy.stage)
        if move is None or to not in {None, move.after}:
            raise impossible(strategy.strategy, act, strategy.stage)
        body = {
            "strategy": strategy.strategy,
            "run_id": strategy.run_id,
            "from": str(move.before),
            "to": str(move.after),
            "reason": reason_given(reason),
        }
        if entry := append_next(ledger, act, body, actor, entries):
            return entry
    raise restless(strategy.strategy)


class Halted(NamedTuple):
    """How everything was halted: by which entry of the ledger, and what could not be written."""

    entry: Entry | None
    troubles: tuple[str, ...]


def halt_all(ledger: Ledger, *, reason: str, actor: str) -> Halted:
    """Stop everything: all that runs is halted, and nothing goes up until a person resumes.

    The mark beside the ledger comes first, and stops all who publish by itself. It needs no policy,
    no strategy, no clock and no ledger that can be read, so it works when all of those are broken.

    Raises
    ------
    Failed
        If neither the mark nor the entry could be written anywhere.
    """
    because = reason_given(reason)
    troubles: list[str] = []
    marked = True
    try:
        troubles += ledger.halt_at_once(reason=because, actor=actor)
    except Failed as error:
        marked = False
        troubles.append(str(error))
    body = {"strategy": ALL, "reason": because}
    try:
        entry = ledger.append(str(Act.HALT), body, actor=actor)
    except (QraftError, OSError) as error:
        if not marked:
            raise
        return Halted(None, (*troubles, str(error)))
    return Halted(entry, tuple(troubles))


def append_next(
    ledger: Ledger, kind: str, body: Mapping[str, object], actor: str, seen: Sequence[Entry]
) -> Entry | None:
    """Append an entry right after those that were seen; None where somebody was quicker."""
    return ledger.append(
        str(kind), body, actor=actor, unless=lambda entries: len(entries) != len(seen)
    )


def reason_given(reason: str) -> str:
    """Return a reason, or refuse to go on without one."""
    text = " ".join(reason.split())
    if not text:
        raise BadInput("a decision needs a reason", hint="--reason says why, in your words")
    return text[:2_000]


def impossible(strategy: str, act: Act, stage: Stage) -> Forbidden:
    """Say that no such move leads out of a stage."""
    known = ", ".join(f"from {m.before} to {m.after}" for m in MOVES if m.act is act)
    return Forbidden(
        f"{strategy} is at {stage}; a {act} leads {known}",
        remedy=Mend.SHOW_STRATEGY(strategy=strategy),
    )


def restless(strategy: str) -> Busy:
    """Say that the ledger did not come to rest."""
    return Busy(
        f"others write to the ledger without pause; nothing was decided on {strategy}",
        hint="trying again is safe",
    )
