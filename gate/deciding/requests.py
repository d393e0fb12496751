"""Requests: who asked for a promotion and why goes to the ledger, also when it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, Forbidden
from gate.deciding.promotion import find, promote

if TYPE_CHECKING:
    from gate.policy import Policy
    from gate.stages import Stage
    from storage.ledger import Ledger

KIND = "check"


def request_promotion(
    ledger: Ledger, policy: Policy, name: str, *, to: Stage, reason: str, actor: str
) -> None:
    """Ask for a promotion; a refusal is written down before it is told.

    Parameters
    ----------
    name
        The strategy, as ``us_momentum@4f0c...``; its name alone where it is not ambiguous.
    reason
        Why, in a person's words.
    actor
        Who asks.

    Raises
    ------
    BadInput
        If there is no such strategy, or no reason is given.
    Forbidden
        Naming all that is missing.
    """
    if not reason.strip():
        raise BadInput("a promotion needs a reason", hint="--reason says why, in your words")
    strategy = find(ledger, name)
    try:
        promote(ledger, policy, name, to=to)
    except Forbidden as refusal:
        because = (refusal.hint or refusal.what).splitlines()
        body = {
            "strategy": strategy.strategy,
            "run_id": strategy.run_id,
            "to": str(to),
            "reason": reason.strip(),
            "verdict": "refused",
            "because": [line.strip().removeprefix("missing: ") for line in because],
        }
        ledger.append(KIND, body, actor=actor)
        raise
