"""Verifying: signals held against themselves, against one another, and against the ledger. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from configs.errors import BadInput, QraftError
from gate.signals.authority import authorise
from gate.signals.envelope import Envelope, read_envelope
from gate.signals.rules import (
    Fault,
    Found,
    Place,
    judge_alone,
    mandate_of,
    misstated_approval,
    out_of_order,
    place_of,
)
from gate.signals.told import Sent, all_sent
from gate.strategies.strategies import stand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gate.policy.policy import Policy
    from storage.ledger import Entry
    from storage.ledger.trust import Trust


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of one signal.

    Attributes
    ----------
    found
        Its fault, or none, and why.
    envelope
        The signal, where it is one.
    """

    found: Found
    envelope: Envelope | None = None


class Verifier:
    """Holds signals against a ledger, in the order in which they come.

    Parameters
    ----------
    entries, trust
        The ledger's entries that count, and who is believed.
    policy
        What is shown where none is in force.
    now
        UTC.
    """

    def __init__(
        self, entries: Sequence[Entry], trust: Trust, policy: Policy, now: datetime
    ) -> None:
        self._entries, self._trust, self._policy, self._now = list(entries), trust, policy, now
        self._sent = {one.sha256: one for one in all_sent(entries)}
        self._seen: set[str] = set()
        self._come_to: dict[tuple[str, str], Place] = {}

    def verify(self, raw: bytes) -> Verified:
        """Say what one signal is worth; those that are whole are remembered."""
        try:
            envelope = read_envelope(raw)
        except BadInput as error:
            return Verified(Found(Fault.FORM, error.what))
        found = self._judge(envelope)
        if found.fault is Fault.NONE:
            self._seen.add(envelope.sha256)
            self._come_to[_whose(envelope)] = place_of(envelope)
        return Verified(found, envelope)

    def _judge(self, envelope: Envelope) -> Found:
        sent = self._sent.get(envelope.sha256)
        if (found := self._judge_key(envelope, sent)).fault is not Fault.NONE:
            return found
        if (found := judge_alone(envelope, self._now)).fault is not Fault.NONE:
            return found
        if envelope.sha256 in self._seen:
            return Found(Fault.REPEATED, "it came before, the same to the last byte")
        rules: tuple[tuple[Fault, Callable[[], str]], ...] = (
            (Fault.ORDER, lambda: out_of_order(envelope, self._come_to.get(_whose(envelope)))),
            (Fault.UNTOLD, lambda: "" if sent else self._why_untold(envelope)),
            (Fault.APPROVAL, lambda: self._unapproved(envelope, sent)),
            (Fault.BOUNDS, lambda: self._other_bounds(envelope, sent)),
        )
        for fault, why in rules:
            if sentence := why():
                return Found(fault, sentence)
        return Found(Fault.NONE)

    def _judge_key(self, envelope: Envelope, sent: Sent | None) -> Found:
        """Look at whose key it is; an entry that counts vouches for the key of then."""
        said = envelope.payload
        if sent is not None and sent.entry.key == said.key:
            return Found(Fault.NONE)
        if said.key in self._trust.revoked:
            return Found(Fault.REVOKED, f"{said.key} was taken back")
        if not self._trust.knows(said.key, said.published_at):
            return Found(Fault.UNKNOWN, f"{said.key} is no runner that counts on this ledger")
        return Found(Fault.NONE)

    def _why_untold(self, envelope: Envelope) -> str:
        said = envelope.payload
        if said.ledger != self._trust.ledger:
            return "it is of another ledger"
        for one in self._sent.values():
            if (one.strategy, one.stage, one.ts) == (*_whose(envelope), place_of(envelope).ts):
                return f"another was published for {said.ts}: entry {one.entry.seq} of the ledger"
        return "no entry of this ledger tells it"

    def _unapproved(self, envelope: Envelope, sent: Sent | None) -> str:
        """Say why its approvals did not hold when it was told; empty where they did."""
        said = envelope.payload
        if said.stage == "paper" or sent is None:
            return misstated_approval(envelope)
        running = {"spec": said.spec, "code": said.code, "data": said.data}
        seq, at = sent.entry.seq, datetime.fromisoformat(sent.entry.at)
        for each in said.approvals:
            if self._trust.revoked.get(each.key, seq + 1) <= seq:
                return f"the key of {each.statement.by} was taken back"
        try:
            given = authorise(self._entries[: seq - 1], self._policy, said.strategy, running, at)
        except QraftError as refusal:
            return refusal.what
        return "" if given.digest == said.approval else "other approvals were in force then"

    def _other_bounds(self, envelope: Envelope, sent: Sent | None) -> str:
        """Say so where its symbols and bounds are not those that its strategy was proposed with."""
        said = envelope.payload
        until = sent.entry.seq - 1 if sent else len(self._entries)
        standing = stand(self._entries[:until], self._policy).strategies
        proposed = next((s.mandate for s in standing if s.strategy == said.strategy), None)
        if proposed is None:
            return f"{said.strategy} was proposed without symbols and bounds"
        if mandate_of(envelope) == proposed:
            return ""
        return f"it carries other symbols or bounds than {said.strategy} was proposed with"


def _whose(envelope: Envelope) -> tuple[str, str]:
    return envelope.payload.strategy, envelope.payload.stage
