"""Trust: which entries of a ledger count, and why the others do not. Pure.

A line of the ledger is believed because of who signed it, never because it is there. What machines
write counts by the signature of a runner that was known at that entry; what people decide counts
also by a person's own signature inside it. Who is known is itself told by entries that count: the
runner that began the ledger, the policy in force, enrolments and revocations.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from configs.keys.public import count_of, signature_fits
from configs.keys.root_of_trust import Root, terms
from configs.keys.signers import ed25519
from storage.ledger.bodies import flaw_of
from storage.ledger.versions import KINDS as OF_POLICY
from storage.ledger.versions import MIGRATED, PROPOSED, Versions
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from storage.ledger.entry import Entry, Slot

ENROLMENT: Final = "runner"
REVOCATION: Final = "revocation"
CLOCK: Final = "clock"
APPROVAL: Final = "approval"
APPROVED: Final = "qraft approval 1"
"""Begins what is signed of an approval, so that no signature made for something else fits it."""
RESUMPTION: Final = "resumption"
ALL: Final = "*"
"""What an entry names instead of a strategy where it means all of them."""

TIGHTENING: Final = frozenset({"halt", "demotion", "rejection", "retirement"})
"""Kinds that only take away."""

FIRST_EDITION: Final = "it is of the first edition, which is not migrated yet: qraft gate migrate"
NOBODY: Final = "nobody known signed it"


def sworn_bytes(kind: str, body: Mapping[str, Any], ledger: str) -> bytes:
    """Return what a person signs of a decision: all of it, its kind, and the ledger it is for."""
    said = {name: value for name, value in body.items() if name != "signature"}
    return canonical_json({**said, "purpose": f"qraft {kind} 1", "ledger": ledger}).encode()


def approved_bytes(statement: Mapping[str, Any]) -> bytes:
    """Return what a person signs of an approval: its statement."""
    return canonical_json({"purpose": APPROVED, **statement}).encode()


def inspect(slot: Slot, ledger: str) -> str:
    """Say what is wrong with an entry by itself: its form, its body, its runner's signature.

    Parameters
    ----------
    ledger
        The ledger's id; empty for the first entry.

    Returns
    -------
    str
        Empty where nothing is. What is said never changes, so it needs saying once.
    """
    entry = slot.entry
    if slot.flaw:
        return slot.flaw
    if why := flaw_of(entry.kind, entry.body):
        return why
    if not _is_time(entry.at):
        return "its time cannot be read"
    if entry.key or entry.signature:
        of_runner = entry.key.startswith(ed25519.PREFIX)
        fits = of_runner and signature_fits(entry.key, entry.signature, slot.statement(ledger))
        return "" if fits else "its signature does not fit"
    return ""


class Trust:
    """What a reader believes of a ledger, entry by entry.

    Parameters
    ----------
    first_edition
        The number of the last entry that needs no signature, for a migration pinned it.
    founder
        The runner that began the ledger, where it is known beforehand.
    revoked
        Keys and the entry since which each counts no more, where revocations came after that.
    """

    def __init__(
        self, first_edition: int = 0, founder: str = "", revoked: Mapping[str, int] | None = None
    ) -> None:
        self.first_edition = first_edition
        self.founder = founder
        self.versions = Versions()
        self.enrolled: dict[str, str] = {}
        self.revoked = dict(revoked or {})
        self._told: dict[str, int] = {}
        self._sure = ""
        self._counts: dict[str, int] = {}
        self.ledger = ""
        self.latest = ""
        """The newest time that counts."""
        self.word = ""
        """What the last person who set the clock right said it was."""
        self.looks_back = False
        """Whether a revocation reaches back to entries that were judged without it."""

    def take(self, entry: Entry, flaw: str) -> tuple[Entry, str]:
        """Judge one more entry.

        Returns
        -------
        Entry, str
            As it is to be read, and why it counts for nothing; empty where it counts.
        """
        if entry.key and entry.key == self._sure and entry.kind in _PLAIN and not flaw:
            self.latest = max(self.latest, entry.at)
            return entry, ""
        if entry.seq == 1:
            self.ledger = entry.hash
        why = flaw or self._doubt(entry)
        if why and not flaw and self._sworn(entry) and entry.kind in _SWORN_ALONE:
            # Nobody vouches for the time of writing: what the person signed is what is known.
            entry, why = entry._replace(at=self._time_said(entry)), ""
        if not why:
            why = self._out_of_place(entry) or self._copied(entry)
        if why:
            return entry.voided(), why
        self._learn(entry)
        # A runner that is known for good is not looked up again until something changes that.
        root = self.versions.current.root if self.versions.current else None
        lasting = not self.revoked and not (root and root.runners)
        known = lasting and entry.seq > self.first_edition and entry.key
        self._sure = entry.key if known and self.knows(entry.key, entry.at) else ""
        return entry, ""

    def would_doubt(self, entry: Entry) -> str:
        """Say why an entry would count for nothing if it came next; nothing is learned."""
        if entry.kind == MIGRATED and not self.founder:
            return ""
        if not self.founder and entry.seq == 1:
            return self._out_of_place(entry)
        why = self._doubt(entry) if self.founder else FIRST_EDITION
        if why and self._sworn(entry) and entry.kind in _SWORN_ALONE:
            why = ""
        return why or self._out_of_place(entry) or self._copied(entry)

    def _doubt(self, entry: Entry) -> str:
        """Say why no runner stands behind an entry."""
        if entry.seq <= self.first_edition:
            return ""
        if not entry.key:
            return NOBODY if self.founder else FIRST_EDITION
        if not self.founder and entry.seq == 1:
            self.founder = entry.key
        # What stopped something is not undone by taking back, afterwards, the key that wrote it.
        revoked = self._told if entry.kind in TIGHTENING else self.revoked
        if revoked.get(entry.key, entry.seq + 1) > entry.seq and self.knows(entry.key, entry.at):
            return ""
        return "its runner is not known here"

    def knows(self, key: str, at: str) -> bool:
        """Whether a runner's entries count, if nobody took its key back."""
        root = self.versions.current.root if self.versions.current else None
        if root is None or not root.runners:
            return key == self.founder or key in self.enrolled
        if key in self.enrolled:
            return True
        # A key that has run out does not count again where its machine's clock is set back.
        moment = datetime.fromisoformat(max(at, self.latest))
        return any(t.key == key and t.counts_at(moment) for _, t in terms(root.runners))

    def knows_person(self, by: str, key: str, seq: int, *, own: bool = False) -> bool:
        """Whether a person may sign decisions now.

        Parameters
        ----------
        own
            Whether they take back this very key: that is not undone by what it says itself.
        """
        root = self.versions.current.root if self.versions.current else None
        term = root.person(by) if root else None
        revoked = self._told if own else self.revoked
        if term is None or term.key != key or revoked.get(key, seq + 1) <= seq:
            return False
        moment = datetime.fromisoformat(self.latest) if self.latest else datetime.now(UTC)
        return "approver" in term.roles and term.counts_at(moment)

    @property
    def nobody_to_ask(self) -> bool:
        """Whether the policy in force lists nobody who could sign."""
        return not (self.versions.current and self.versions.current.root.signatures_to_change)

    def _sworn(self, entry: Entry) -> bool:
        """Whether a person's own signature stands behind an entry."""
        body = entry.body
        if entry.kind not in _SWORN_ALONE or not body.get("signature"):
            return False
        said_by = body["statement"] if entry.kind == APPROVAL else body
        by, key = said_by.get("by", ""), body.get("key", "")
        own = entry.kind == REVOCATION and body["revoked"] == key
        return self.knows_person(by, key, entry.seq, own=own) and self._fits(entry)

    def _fits(self, entry: Entry) -> bool:
        """Whether the signature in an entry that people sign is by the key that it names."""
        body = entry.body
        if entry.kind == APPROVAL:
            said = approved_bytes(body["statement"])
        else:
            said = sworn_bytes(entry.kind, body, self.ledger)
        return signature_fits(body.get("key", ""), body.get("signature", ""), said)

    def _copied(self, entry: Entry) -> str:
        """Say so where a device's count went back: there may be a copy of its key."""
        count = self._count_in(entry)
        last = self._counts.get(entry.body["key"]) if count is not None else None
        if count is None or last is None or count > last or count == last == 0:
            return ""
        return f"its device had counted to {last} before, and says {count}: its key may be copied"

    def _count_in(self, entry: Entry) -> int | None:
        """Return what a person's device counts in an entry, if it says so with its signature."""
        if entry.kind not in _SWORN_ALONE:
            return None
        count = count_of(entry.body.get("signature", ""))
        return count if count is not None and self._fits(entry) else None

    def _out_of_place(self, entry: Entry) -> str:
        """Say why an entry that somebody known wrote does not count here."""
        rule = _RULES.get(entry.kind)
        return rule(self, entry) if rule else ""

    def _learn(self, entry: Entry) -> None:
        """Take note of what an entry that counts says of who is known."""
        self.latest = max(self.latest, entry.at)
        if (count := self._count_in(entry)) is not None:
            self._counts[entry.body["key"]] = count
        if entry.kind in OF_POLICY:
            self.versions.take(entry)
        elif entry.kind == ENROLMENT:
            self.enrolled[entry.body["runner"]] = entry.body["name"]
        elif entry.kind == REVOCATION:
            key, since = entry.body["revoked"], entry.body["since"]
            self._told.setdefault(key, entry.seq)
            before = self.revoked.get(key, entry.seq + 1)
            self.revoked[key] = min(before, max(since, self.first_edition + 1))
            self.looks_back |= self.revoked[key] < min(before, entry.seq)
        elif entry.kind == CLOCK:
            self.latest = self.word = in_utc(entry.body["now"])

    def _time_said(self, entry: Entry) -> str:
        said = entry.body["statement"]["given"] if entry.kind == APPROVAL else self.latest
        return said if _is_time(said) else self.latest

    def _needs_person(self, entry: Entry) -> str:
        if self.nobody_to_ask or self._sworn(entry):
            return ""
        return "it takes the signature of somebody whom the policy in force lists"

    def _resumes(self, entry: Entry) -> str:
        return self._needs_person(entry) if entry.body["strategy"] == ALL else ""

    def _resets(self, entry: Entry) -> str:
        if (entry.body["head_seq"], entry.body["head_hash"]) != (entry.seq - 1, entry.prev):
            return "it is a word on another moment of the ledger"
        return self._needs_person(entry)

    def _revokes(self, entry: Entry) -> str:
        # A runner that is known may take back its own key: it only takes away.
        return "" if entry.body["revoked"] == entry.key else self._needs_person(entry)

    def _migrates(self, entry: Entry) -> str:
        if entry.seq == self.first_edition + 1 and entry.body["head_hash"] == entry.prev:
            return _no_root(entry)
        return "there is nothing to migrate"

    def _proposes(self, entry: Entry) -> str:
        return _no_root(entry)

    def _signs(self, entry: Entry) -> str:
        return "" if self._sworn(entry) else "its signature is of nobody who may sign a policy"


_RULES: dict[str, Callable[[Trust, Entry], str]] = {
    RESUMPTION: Trust._resumes,  # noqa: SLF001 - the table belongs to the class
    CLOCK: Trust._resets,  # noqa: SLF001
    REVOCATION: Trust._revokes,  # noqa: SLF001
    ENROLMENT: Trust._needs_person,  # noqa: SLF001
    MIGRATED: Trust._migrates,  # noqa: SLF001
    PROPOSED: Trust._proposes,  # noqa: SLF001
    "policy_signature": Trust._signs,  # noqa: SLF001
}
"""What each kind that changes who is known asks for, beside a runner that is known."""

_PLAIN = frozenset(
    {
        "data", "seal", "trial", "outcome", "proposal", "check", "paper", "signal",
        "signal_refused", "feedback",
    }
)  # fmt: skip
"""Kinds that say nothing of who is known."""

_SWORN = frozenset({"policy_signature", ENROLMENT, REVOCATION, CLOCK, RESUMPTION})
_SWORN_ALONE = _SWORN | {APPROVAL}
"""Kinds that a person's signature carries, also from a machine that is not enrolled."""


def judge(slots: Sequence[tuple[Entry, str]]) -> tuple[Trust, list[Entry], dict[int, str]]:
    """Judge a whole ledger.

    Parameters
    ----------
    slots
        Each entry, and what :func:`inspect` said of it.

    Returns
    -------
    Trust, list of Entry, dict of int to str
        What is believed, all entries as they are to be read, and why which do not count.
    """
    first_edition, founder = _edition(slots)
    revoked: dict[str, int] = {}
    while True:
        trust = Trust(first_edition, founder, revoked)
        read: list[Entry] = []
        void: dict[int, str] = {}
        for entry, flaw in slots:
            seen, why = trust.take(entry, flaw)
            read.append(seen)
            if why:
                void[entry.seq] = why
        if trust.revoked == revoked or not trust.looks_back:
            return trust, read, void
        revoked = trust.revoked


def _edition(slots: Sequence[tuple[Entry, str]]) -> tuple[int, str]:
    """Find where a ledger of the first edition was migrated, and by which runner."""
    for entry, flaw in slots:
        if entry.key and not flaw:
            is_migration = entry.kind == MIGRATED and entry.seq > 1
            fits = is_migration and (entry.body["head_seq"], entry.body["head_hash"]) == (
                entry.seq - 1, entry.prev,
            )  # fmt: skip
            return (entry.seq - 1, entry.key) if fits else (0, "")
    return 0, ""


def _no_root(entry: Entry) -> str:
    try:
        Root.model_validate(entry.body["document"])
    except ValidationError:
        return "its document does not say who is believed"
    return ""


def in_utc(text: str) -> str:
    """Write a moment in the one way in which times can be compared as text."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds")


def _is_time(text: str) -> bool:
    """Whether a time is written in the one way in which times can be compared as text."""
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return False
    return moment.tzinfo is not None and text == moment.astimezone(UTC).isoformat(
        timespec="microseconds"
    )
