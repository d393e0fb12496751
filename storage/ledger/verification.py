"""Verification: every entry of a ledger read again and held against its neighbours. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from storage.ledger.entry import GENESIS, Head, Slot, path_of, read_slots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Fault = Literal[
    "changed", "missing", "reordered", "unchained", "truncated", "rewritten", "foreign", "gone",
    "replaced", "forked", "versions",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one entry.

    Attributes
    ----------
    fault
        ``changed``: its bytes are not those that were written. ``missing``: later ones are there.
        ``reordered``: it is intact and stands at another's place. ``unchained``: it is intact and
        names another predecessor than the one that is there: one of the two was replaced.
        ``truncated``: an exported head names it, and the ledger ends before. ``rewritten``: an
        exported head names another. ``foreign``: a stored object that is no entry. ``gone``,
        ``replaced``, ``forked``: what this installation saw before is not there. ``versions``: the
        store keeps more than one version of it; the oldest is the entry.
    path
        The object's path.
    meaning
        The same in a sentence.
    """

    fault: Fault
    path: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found."""

    entries: int
    """How many entries are stored."""
    head: Head
    """The last intact entry."""
    problems: tuple[Problem, ...]
    void: tuple[tuple[int, str], ...] = ()
    """Entries that are whole and count for nothing: number, and why."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(
    stored: Mapping[int, bytes], foreign: Sequence[str] = (), *, heads: Sequence[Head] = ()
) -> Verdict:
    """Hold every entry against its own hash, its predecessor and its place.

    Parameters
    ----------
    stored
        Sequence number in the object's name, and its bytes.
    foreign
        Paths of objects beside the entries.
    heads
        Heads exported earlier, all of which are looked at; without one, entries cut off at the end
        cannot be missed.
    """
    problems = [
        Problem("foreign", path, f"{path} is no entry of a ledger") for path in sorted(foreign)
    ]
    slots = read_slots(stored)
    before = 0
    for seq in slots:
        problems += _gap(before, seq)
        problems += _inspect(seq, slots)
        before = seq
    for head in sorted(set(heads), key=lambda head: head.seq):
        problems += _compare_with_head(slots, before, head)
    last = max((seq for seq, slot in slots.items() if slot.intact), default=0)
    return Verdict(len(stored), slots[last].entry.head if last else Head(), tuple(problems))


def _gap(before: int, seq: int) -> Iterator[Problem]:
    if seq > before + 1:
        first, last = before + 1, seq - 1
        gone = f"entry {first} is" if first == last else f"entries {first} to {last} are"
        meaning = f"{gone} gone, though later ones are there"
        yield Problem("missing", path_of(first), meaning)


def _inspect(seq: int, slots: Mapping[int, Slot]) -> Iterator[Problem]:
    path, slot = path_of(seq), slots[seq]
    before, after = slots.get(seq - 1), slots.get(seq + 1)
    expected = GENESIS if seq == 1 else before.entry.hash if before else None
    if not slot.intact:
        # Planted, and chained on as it is: it counts for nothing, and nothing was lost.
        if after is None or not after.intact or after.entry.prev != slot.entry.hash:
            yield Problem("changed", path, f"entry {seq} was changed after it was written")
    elif slot.entry.seq != seq:
        meaning = f"entry {slot.entry.seq} stands at the place of entry {seq}"
        yield Problem("reordered", path, meaning)
    elif expected is not None and slot.entry.prev != expected and (before is None or before.intact):
        meaning = f"entry {seq} does not follow entry {seq - 1}: one of them was replaced"
        yield Problem("unchained", path, meaning)


def _compare_with_head(slots: Mapping[int, Slot], last: int, head: Head) -> Iterator[Problem]:
    if head.seq == 0:
        return
    path = path_of(head.seq)
    if last < head.seq:
        meaning = f"the ledger ends at entry {last}; the exported head names entry {head.seq}"
        yield Problem("truncated", path, meaning)
    elif head.seq in slots and slots[head.seq].entry.hash != head.hash:
        meaning = f"entry {head.seq} is not the one that the exported head names"
        yield Problem("rewritten", path, meaning)
