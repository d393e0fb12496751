"""Signals as the ledger tells them: what was published, and what was held back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from gate.signals.rules import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.ledger import Entry

SIGNAL: Final = "signal"
"""The kind of entry by which a decision counts as published, from that moment on."""
REFUSED: Final = "signal_refused"


def is_signal(entry: Entry, strategy: str) -> bool:
    """Whether an entry tells a strategy's decision; one told before its bar was over is none."""
    return (
        entry.kind == SIGNAL
        and entry.body["strategy"] == strategy
        and moment_of(entry) <= datetime.fromisoformat(entry.at)
    )


def moment_of(entry: Entry) -> datetime:
    """Return the end of the bar that an entry's decision rests on."""
    return datetime.fromisoformat(entry.body["ts"])


def told_signals(entries: Iterable[Entry], strategy: str, since: str) -> list[Entry]:
    """Return the entries of a strategy's decisions after a moment, by their time.

    Of two of one time the first stands: what goes live on the bar on which it was promoted tells
    the decision that was on paper.

    Parameters
    ----------
    since
        When it came to paper, UTC, ISO 8601.
    """
    first: dict[datetime, Entry] = {}
    for entry in entries:
        if is_signal(entry, strategy):
            first.setdefault(moment_of(entry), entry)
    return [first[ts] for ts in sorted(first) if ts > datetime.fromisoformat(since)]


def first_told(entries: Iterable[Entry], strategy: str, ts: datetime) -> Entry | None:
    """Return the entry that first told a strategy's decision of a time, which stands."""
    return next((e for e in entries if is_signal(e, strategy) and moment_of(e) == ts), None)


@dataclass(frozen=True, slots=True)
class Sent:
    """A signal that left, signed.

    Attributes
    ----------
    entry
        Of the ledger.
    strategy, stage, sequence, ts
        Whose it is, and which.
    path, sha256
        Where its bytes are in the lake, and their digest.
    """

    entry: Entry
    strategy: str
    stage: str
    sequence: int
    ts: datetime
    path: str
    sha256: str

    @property
    def place(self) -> Place:
        """Where it stands among those of its strategy and stage."""
        return Place(self.ts, self.sequence)


def read_sent(entry: Entry) -> Sent | None:
    """Read an entry; None where no signed envelope is kept of it."""
    envelope = entry.body.get("envelope") if entry.kind == SIGNAL else None
    if not envelope:
        return None
    return Sent(
        entry, entry.body["strategy"], envelope["stage"], envelope["sequence"], moment_of(entry),
        envelope["path"], envelope["sha256"],
    )  # fmt: skip


def all_sent(
    entries: Iterable[Entry], strategy: str | None = None, stage: str | None = None
) -> list[Sent]:
    """Return all signed signals that left, in the order of the ledger.

    Parameters
    ----------
    strategy, stage
        Only those of it; default all.
    """
    found = (read_sent(entry) for entry in entries)
    return [
        one for one in found
        if one is not None and strategy in {None, one.strategy} and stage in {None, one.stage}
    ]  # fmt: skip


def newest_sent(entries: Sequence[Entry], strategy: str, stage: str) -> Sent | None:
    """Return the newest signal that left of a strategy at a stage."""
    return max(all_sent(entries, strategy, stage), key=lambda one: one.place, default=None)
