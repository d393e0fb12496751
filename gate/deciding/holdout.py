"""The holdout opened: once for a strategy, on the ledger before anything is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput, Failed, Forbidden
from configs.remedies import Mend
from gate.evidence.holdout_openings import OUTCOME, Look, looks
from storage.lake.guard import OPENED, Opening
from storage.seals.register import Register

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gate.statistics.moments import Moments
    from gate.strategies.strategies import Strategy
    from storage.ledger import Entry, Ledger
    from storage.seals.register import Seal


def look(
    ledger: Ledger,
    strategy: Strategy,
    *,
    reason: str,
    actor: str,
    replay: Callable[[str, Opening], Moments | None],
) -> Look:
    """Open the holdout for a strategy, see what it brought there, and write that down.

    A look that was begun and not ended is ended, and counts once.

    Parameters
    ----------
    reason
        Why, in a person's words; a further look needs another one.
    replay
        Plays a run past the seal, given the gate's word.

    Raises
    ------
    BadInput
        If there is no reason, or nothing is sealed.
    Forbidden
        If the strategy's run did not stop at the seal, or it was looked at for that reason before.
    """
    if not reason.strip():
        raise BadInput("a look needs a reason", hint="--reason says why, in your words")
    entries = ledger.entries()
    seal = _seal_of(strategy, entries)
    own = _own(strategy, entries)
    begun = own[-1] if own and not own[-1].ended else None
    now = begun or _open(ledger, strategy, seal, own, reason=reason.strip(), actor=actor)
    found = replay(now.run_id, Opening(now.seq, now.hash, now.data))
    body = {"opening": now.seq, "moments": found._asdict() if found else None}
    ledger.append(
        OUTCOME,
        body,
        actor=actor,
        unless=lambda seen: any(e.kind == OUTCOME and e.body.get("opening") == now.seq
                                for e in seen),
    )  # fmt: skip
    return replace(now, found=found, ended=True)


def _seal_of(strategy: Strategy, entries: Sequence[Entry]) -> Seal:
    seal = Register(entries).seal_on(strategy.digests.data)
    if seal is None:
        raise BadInput(
            f"the data of {strategy.strategy} have no seal",
            hint="qraft.yaml: `holdout: {sample: 2012-01-01}`, or a share as 0.2; then run again",
        )
    if strategy.evidence.get("sealed_from") != seal.sealed_from.isoformat():
        raise Forbidden(
            f"the run of {strategy.strategy} did not stop at the seal of {seal.sealed_from}",
            remedy=Mend.RUN_SPEC(spec=strategy.name),
        )
    return seal


def _own(strategy: Strategy, entries: Sequence[Entry]) -> list[Look]:
    return [one for one in looks(entries) if one.strategy == strategy.strategy]


def _open(
    ledger: Ledger, strategy: Strategy, seal: Seal, own: Sequence[Look], *, reason: str, actor: str
) -> Look:
    if any(one.reason.casefold() == reason.casefold() for one in own):
        raise Forbidden(
            f"the holdout was opened for {strategy.strategy} already, for this very reason",
            hint="a second look needs a new reason, and makes the evidence weaker",
            remedy=Mend.CHECK_STRATEGY(strategy=strategy.strategy),
        )
    body: dict[str, Any] = {
        "strategy": strategy.strategy,
        "run_id": strategy.run_id,
        "source": seal.source,
        "data": strategy.digests.data,
        "sealed_from": seal.sealed_from.isoformat(),
        "look": len(own) + 1,
        "reason": reason,
    }
    entry = ledger.append(
        OPENED, body, actor=actor, unless=lambda seen: len(_own(strategy, seen)) != len(own)
    )
    if entry is None:
        raise Failed(f"another look at {strategy.strategy} was begun at the same time")
    return looks([entry])[0]
