"""Versions of the policy on the ledger: which was in force when. Pure.

The first is taken at its first use, where a runner writes it. Each later one comes into force by
the entry that completes the signatures which the version in force asks for; where that version
lists nobody who could sign, by the runner's entry alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from configs.keys.root_of_trust import Root
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.ledger.entry import Entry

PROPOSED: Final = "policy"
SIGNED: Final = "policy_signature"
MIGRATED: Final = "migration"
KINDS: Final = frozenset({PROPOSED, SIGNED, MIGRATED})


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the policy.

    Attributes
    ----------
    seq
        The entry by which it came into force; 0 for what judged a ledger of the first edition.
    number, digest
        Its number, from 1, and the sha256 of its document.
    document
        All of it, as JSON values.
    root
        The part that says who is believed.
    signers
        Who signed it; nobody for what was taken at its first use.
    """

    seq: int
    number: int
    digest: str
    document: Mapping[str, Any]
    root: Root
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """A version that is proposed and not in force."""

    seq: int
    number: int
    digest: str
    document: Mapping[str, Any]
    reason: str
    signers: tuple[str, ...]
    needed: int


class Versions:
    """What a ledger knows of its policy, entry by entry.

    Only entries that count are given to it: whose signature is whose is decided before.
    """

    def __init__(self) -> None:
        self.all: list[Version] = []
        self._proposed: dict[str, Entry] = {}
        self._signers: dict[str, list[str]] = {}

    @property
    def current(self) -> Version | None:
        """The version in force now."""
        return self.all[-1] if self.all else None

    def at(self, seq: int) -> Version | None:
        """Return the version that was in force when an entry was written."""
        return next((version for version in reversed(self.all) if version.seq < seq), None)

    def pending(self) -> list[Pending]:
        """Return the versions that would follow the one in force, the oldest first."""
        return [
            Pending(
                entry.seq, entry.body["version"], name, entry.body["document"],
                entry.body["reason"], tuple(self._signers.get(name, ())), self._needed,
            )
            for name, entry in self._proposed.items()
            if self._follows(entry.body)
        ]  # fmt: skip

    def take(self, entry: Entry) -> None:
        """Take one more entry into account."""
        if entry.kind == MIGRATED and not self.all:
            document = entry.body["document"]
            self.all.append(
                Version(0, 1, digest(document), document, Root.model_validate(document))
            )
        elif entry.kind == PROPOSED and self._follows(entry.body):
            name = digest(entry.body["document"])
            self._proposed[name] = self._proposed.pop(name, entry)  # proposed again, it comes last
            self._settle(name, entry.seq)
        elif entry.kind == SIGNED and self._follows(entry.body):
            name = entry.body["digest"]
            signers = self._signers.setdefault(name, [])
            if name in self._proposed and entry.body["by"] not in signers:
                signers.append(entry.body["by"])
                self._settle(name, entry.seq)

    @property
    def _needed(self) -> int:
        return self.current.root.signatures_to_change if self.current else 0

    def _follows(self, body: Mapping[str, Any]) -> bool:
        now = self.current
        expected = (now.number + 1, now.digest) if now else (1, "")
        return (body["version"], body["previous"]) == expected

    def _settle(self, name: str, seq: int) -> None:
        signers = tuple(self._signers.get(name, ()))
        if len(signers) < self._needed:
            return
        body = self._proposed[name].body
        root = Root.model_validate(body["document"])
        self.all.append(Version(seq, body["version"], name, body["document"], root, signers))
        self._proposed.clear()
        self._signers.clear()


def versions_of(entries: Iterable[Entry]) -> Versions:
    """Fold entries that count."""
    found = Versions()
    for entry in entries:
        if entry.kind in KINDS:
            found.take(entry)
    return found
