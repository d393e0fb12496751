"""Deciding on who is believed: runners enrolled, keys taken back, the clock set right."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from configs.errors import BadInput, Forbidden
from configs.remedies import Mend
from gate.deciding.swearing import unsigned
from gate.policy.in_force import document_of
from gate.strategies.tightening import append_next, reason_given, restless
from storage.ledger.trust import CLOCK, ENROLMENT, REVOCATION
from storage.ledger.versions import MIGRATED

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gate.deciding.swearing import Swears
    from gate.policy.policy import Policy
    from storage.ledger import Entry, Ledger


def enrol(
    ledger: Ledger, name: str, runner: str, *, reason: str, actor: str, swear: Swears | None
) -> Entry:
    """Let a runner's entries count from here on.

    Parameters
    ----------
    runner
        Its public key.
    swear
        A person's signature; none where the policy in force lists nobody who could sign.

    Raises
    ------
    BadInput
        If it is enrolled, or was taken back.
    """
    trust = ledger.trust
    if runner in trust.enrolled or runner in trust.revoked:
        raise BadInput(f"the runner {runner} is known on this ledger already, or was taken back")
    body: dict[str, object] = {"name": name, "runner": runner, "reason": reason_given(reason)}
    return _append(ledger, ENROLMENT, body, actor, swear)


def revoke(
    ledger: Ledger, key: str, *, since: int | None, reason: str, actor: str, swear: Swears | None
) -> Entry:
    """Take back a key: what it signs counts no more.

    Parameters
    ----------
    since
        The entry from which on it does not count, where it was stolen before now; what only stopped
        something stands all the same.
    """
    entries = ledger.entries()
    first = since if since is not None else len(entries) + 1
    if not 0 < first <= len(entries) + 1:
        raise BadInput(f"there is no entry {first}", remedy=Mend.READ_LEDGER())
    body = {"revoked": key, "since": first, "reason": reason_given(reason)}
    return _append(ledger, REVOCATION, body, actor, swear)


def reset_clock(
    ledger: Ledger, clock: Callable[[], datetime], *, reason: str, actor: str,
    swear: Swears | None,
) -> Entry:  # fmt: skip
    """Let the clock of now count, whatever entries before say."""
    head = ledger.head()
    if not head.seq:
        raise BadInput("the ledger has no entry whose time could be wrong")
    now = clock().astimezone(UTC).isoformat(timespec="microseconds")
    body = {
        "head_seq": head.seq, "head_hash": head.hash, "now": now, "reason": reason_given(reason),
    }  # fmt: skip
    return _append(ledger, CLOCK, body, actor, swear)


def migrate(ledger: Ledger, policy: Policy, *, reason: str, actor: str) -> Entry:
    """Let a ledger of the first edition go on as one of this: its entries count as they stand.

    Raises
    ------
    Forbidden
        If it is not one.
    """
    trust, head = ledger.trust, ledger.head()
    if not head.seq or trust.founder:
        raise Forbidden("this ledger is not of the first edition", remedy=Mend.READ_LEDGER())
    body = {
        "head_seq": head.seq, "head_hash": head.hash, "document": document_of(policy),
        "reason": reason_given(reason),
    }  # fmt: skip
    entries = ledger.entries()
    entry = append_next(ledger, MIGRATED, body, actor, entries)
    if entry is None:
        raise restless("the ledger")
    return entry


def _append(
    ledger: Ledger, kind: str, body: dict[str, object], actor: str, swear: Swears | None
) -> Entry:
    """Write a decision on who is believed, right after what was seen."""
    entries = ledger.entries()
    sworn = swear(kind, body) if swear else unsigned(body)
    entry = append_next(ledger, kind, sworn, actor, entries)
    if entry is None:
        raise restless("the ledger")
    return entry
