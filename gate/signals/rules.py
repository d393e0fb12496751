"""What every signal keeps to, by itself: asked before it leaves and by who verifies it. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from gate.approval.clock import SLACK
from gate.approval.mandate import Mandate
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gate.signals.envelope import Envelope


class Fault(StrEnum):
    """What may be found of a signal."""

    NONE = "whole"
    FORM = "no signal"
    UNKNOWN = "unknown key"
    SIGNATURE = "bad signature"
    REVOKED = "revoked key"
    FUTURE = "from the future"
    BOUNDS = "outside bounds"
    APPROVAL = "approval not in force"
    REPEATED = "repeated"
    ORDER = "not monotone"
    UNTOLD = "not on the ledger"


class Found(NamedTuple):
    """What was found, and why, in a sentence; empty for what is whole."""

    fault: Fault
    why: str = ""


class Place(NamedTuple):
    """Where a strategy's signals at a stage have come to."""

    ts: datetime
    sequence: int


def of_the_future(envelope: Envelope, now: datetime) -> str:
    """Say how a signal's times lie ahead; empty where they do not."""
    said = envelope.payload
    ts, published = datetime.fromisoformat(said.ts), datetime.fromisoformat(said.published_at)
    if ts > published:
        return f"it was signed at {said.published_at}, before its bar was over at {said.ts}"
    return f"it is of {said.published_at}, which is to come" if published > now + SLACK else ""


def beyond_bounds(envelope: Envelope) -> str:
    """Say how a signal's weights pass what was approved; empty where they do not."""
    found = mandate_of(envelope).breaches((t.symbol, t.weight) for t in envelope.payload.targets)
    return "; ".join(found)


def misstated_approval(envelope: Envelope) -> str:
    """Say how a signal misstates its approvals, or they do not cover it; empty where they do."""
    said, given = envelope.payload, envelope.document["approvals"]
    if said.approval != (digest(given) if given else ""):
        return "its approvals are not those that it names"
    if said.approved_by != [each.statement.by for each in said.approvals]:
        return "it names other people than approved"
    return _uncovered(envelope) if said.stage == "live" else ""


def _uncovered(envelope: Envelope) -> str:
    """Say how the approvals of a live signal do not cover it."""
    said = envelope.payload
    if not said.approvals:
        return "nobody approved it"
    if said.approval_expires != min(each.statement.expires for each in said.approvals):
        return "it gives its approvals another end"
    covered = (said.strategy, said.stage, said.spec, said.code, said.data,
               digest(envelope.document["mandate"]))  # fmt: skip
    for each in said.approvals:
        s = each.statement
        if covered != (
            s.strategy, s.to, s.digests.spec, s.digests.code, s.digests.data, s.mandate,
        ):  # fmt: skip
            return f"{s.by} approved something else"
    return ""


def out_of_order(envelope: Envelope, before: Place | None) -> str:
    """Say how a signal goes back behind the one before; empty where it does not."""
    if before is None:
        return ""
    said = place_of(envelope)
    if said.ts > before.ts and said.sequence > before.sequence:
        return ""
    return (
        f"it is number {said.sequence}, of {said.ts.isoformat()}, after number {before.sequence}, "
        f"of {before.ts.isoformat()}"
    )


def place_of(envelope: Envelope) -> Place:
    """Return where a signal stands among those of its strategy and stage."""
    return Place(datetime.fromisoformat(envelope.payload.ts), envelope.payload.sequence)


def mandate_of(envelope: Envelope) -> Mandate:
    """Return the mandate that a signal carries."""
    said = envelope.payload.mandate
    return Mandate(tuple(said.symbols), said.gross, said.weight, said.long_only)


def judge_alone(envelope: Envelope, now: datetime) -> Found:
    """Hold a signal against what it says itself.

    Parameters
    ----------
    now
        UTC.
    """
    rules: tuple[tuple[Fault, Callable[[], str]], ...] = (
        (Fault.SIGNATURE, lambda: "" if envelope.signed else "it is not what its key signed"),
        (Fault.FUTURE, lambda: of_the_future(envelope, now)),
        (Fault.BOUNDS, lambda: beyond_bounds(envelope)),
        (Fault.APPROVAL, lambda: misstated_approval(envelope)),
    )
    for fault, why in rules:
        if sentence := why():
            return Found(fault, sentence)
    return Found(Fault.NONE)
