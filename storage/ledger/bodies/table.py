"""The table of kinds, and what is wrong with a body. `BODIES` is the only list of kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from storage.ledger.bodies.decisions import Approval, Move, Resumption
from storage.ledger.bodies.research import (
    Check,
    Data,
    Feedback,
    Opened,
    Outcome,
    Proposal,
    Sealed,
    Trial,
)
from storage.ledger.bodies.root import (
    ClockReset,
    Enrolment,
    Key,
    Migration,
    Policy,
    PolicySignature,
    Revocation,
)
from storage.ledger.bodies.running import Paper, RefusedSignal, Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.ledger.bodies.forms import Body

BODIES: dict[str, type[Body]] = {
    "data": Data,
    "seal": Sealed,
    "trial": Trial,
    "outcome": Outcome,
    "proposal": Proposal,
    "check": Check,
    "approval": Approval,
    "rejection": Move,
    "promotion": Move,
    "demotion": Move,
    "halt": Move,
    "resumption": Resumption,
    "retirement": Move,
    "paper": Paper,
    "signal": Signal,
    "signal_refused": RefusedSignal,
    "holdout_opened": Opened,
    "key": Key,
    "feedback": Feedback,
    "policy": Policy,
    "policy_signature": PolicySignature,
    "runner": Enrolment,
    "revocation": Revocation,
    "clock": ClockReset,
    "migration": Migration,
}
"""Kind to what its body must be."""

KINDS = frozenset(BODIES)


def flaw_of(kind: str, body: Mapping[str, Any]) -> str:
    """Say in a sentence what is wrong with a body; empty where nothing is.

    Examples
    --------
    >>> flaw_of("halt", {"strategy": "*", "reason": "stop"})
    ''
    >>> flaw_of("halt", {})
    'a halt has no `strategy`'
    >>> flaw_of("decree", {})
    'there is no kind `decree`'
    """
    model = BODIES.get(kind)
    if model is None:
        return f"there is no kind `{kind[:40]}`"
    try:
        model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"][:6])
        if first["type"] == "missing":
            return f"a {kind} has no `{where}`"
        return f"`{where}` of this {kind}: {first['msg'][:120].lower()}"
    return ""
