"""Deciding on the policy itself: taken once, then changed by those whom it lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, Forbidden
from configs.remedies import Mend
from gate.policy.in_force import digest_of, document_of, version_in_force
from gate.strategies.tightening import append_next, reason_given, restless
from storage.ledger.versions import PROPOSED, SIGNED

if TYPE_CHECKING:
    from gate.deciding.swearing import Swears
    from gate.policy.policy import Policy
    from storage.ledger import Entry, Ledger
    from storage.ledger.versions import Pending

FIRST_USE = "taken at its first use, by the first approval"


def take_policy(ledger: Ledger, policy: Policy, *, actor: str) -> Entry | None:
    """Put the first policy in force, where a person at a terminal has just seen and used it.

    Nothing comes before it that could vouch for it: this is trust on first use, and from then on
    the ledger's policy decides, whatever ``gate.yaml`` says.
    """
    body = {
        "version": 1, "previous": "", "document": document_of(policy), "reason": FIRST_USE,
    }  # fmt: skip
    return ledger.append(
        PROPOSED, body, actor=actor,
        unless=lambda entries: version_in_force(entries) is not None,
    )  # fmt: skip


def propose_policy(ledger: Ledger, policy: Policy, *, reason: str, actor: str) -> Entry:
    """Propose a version; where nobody is listed who could sign it, it is in force at once.

    Raises
    ------
    BadInput
        If it is the one in force, or it would leave nobody who could change it.
    """
    entries = ledger.entries()
    now = version_in_force(entries)
    if now is not None and now.digest == digest_of(policy):
        raise BadInput("this is the policy in force", remedy=Mend.SHOW_POLICY())
    if now is not None and now.root.signatures_to_change and not policy.signatures_to_change:
        raise BadInput(
            "the proposed policy lists nobody who could sign, so any account could change it",
            hint="list at least one key under `keys`",
        )
    body = {
        "version": now.number + 1 if now else 1,
        "previous": now.digest if now else "",
        "document": document_of(policy),
        "reason": reason_given(reason),
    }
    entry = append_next(ledger, PROPOSED, body, actor, entries)
    if entry is None:
        raise restless("the policy")
    return entry


def pending_policy(ledger: Ledger, version: int | None = None) -> Pending:
    """Return the version that waits for signatures: the newest, or the one proposed by an entry.

    Raises
    ------
    BadInput
        If none does.
    """
    waiting = ledger.versions.pending()
    chosen = [one for one in waiting if version in {None, one.seq}]
    if not chosen:
        raise BadInput(
            "no version of the policy waits for signatures",
            remedy=Mend.PROPOSE_POLICY(),
        )
    return chosen[-1]


def sign_policy(ledger: Ledger, pending: Pending, swear: Swears, *, reason: str) -> Entry:
    """Sign a version; with the last signature that it takes, it is in force.

    Raises
    ------
    Forbidden
        If the person has signed it already, or it does not follow the one in force any more.
    """
    if swear.by in pending.signers:
        raise Forbidden(f"{swear.by} has signed this version already; it takes another person")
    now = version_in_force(ledger.entries())
    body = swear(
        SIGNED,
        {
            "version": pending.number,
            "previous": now.digest if now else "",
            "digest": pending.digest,
            "reason": reason_given(reason),
        },
    )
    entry = ledger.append(
        SIGNED, body, actor=swear.by,
        unless=lambda entries: version_in_force(entries) != now,
    )  # fmt: skip
    if entry is None:
        raise Forbidden("another version came into force meanwhile; nothing was signed")
    return entry
