"""Verification: every entry of a ledger read again and held against its neighbours. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from configs.errors import Damaged
from storage.ledger.entry import GENESIS, Entry, Head, path_of, read_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Fault = Literal["changed", "missing", "reordered", "unchained", "truncated", "rewritten", "foreign"]


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
        exported head names another. ``foreign``: a stored object that is no entry.
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

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(
    stored: Mapping[int, bytes], foreign: Sequence[str] = (), *, head: Head | None = None
) -> Verdict:
    """Hold every entry against its own hash, its predecessor and its place.

    Parameters
    ----------
    stored
        Sequence number in the object's name, and its bytes.
    foreign
        Paths of objects beside the entries.
    head
        A head exported earlier; without it, entries cut off at the end cannot be missed.
    """
    problems = [
        Problem("foreign", path, f"{path} is no entry of a ledger") for path in sorted(foreign)
    ]
    intact = {
        seq: entry
        for seq, raw in sorted(stored.items())
        if (entry := _readable(raw, path_of(seq))) is not None
    }
    before = 0
    for seq in sorted(stored):
        problems += _gap(before, seq)
        problems += _inspect(seq, intact)
        before = seq
    problems += _compare_with_head(intact, before, head)
    last = max(intact, default=0)
    return Verdict(len(stored), intact[last].head if last else Head(), tuple(problems))


def _gap(before: int, seq: int) -> Iterator[Problem]:
    if seq > before + 1:
        first, last = before + 1, seq - 1
        gone = f"entry {first} is" if first == last else f"entries {first} to {last} are"
        meaning = f"{gone} gone, though later ones are there"
        yield Problem("missing", path_of(first), meaning)


def _inspect(seq: int, intact: Mapping[int, Entry]) -> Iterator[Problem]:
    path = path_of(seq)
    entry = intact.get(seq)
    before = intact.get(seq - 1)
    expected = GENESIS if seq == 1 else before.hash if before else None
    if entry is None:
        yield Problem("changed", path, f"entry {seq} was changed after it was written")
    elif entry.seq != seq:
        yield Problem("reordered", path, f"entry {entry.seq} stands at the place of entry {seq}")
    elif expected is not None and entry.prev != expected:
        meaning = f"entry {seq} does not follow entry {seq - 1}: one of them was replaced"
        yield Problem("unchained", path, meaning)


def _readable(raw: bytes, path: str) -> Entry | None:
    try:
        return read_entry(raw, path)
    except Damaged:
        return None


def _compare_with_head(
    intact: Mapping[int, Entry], last: int, head: Head | None
) -> Iterator[Problem]:
    if head is None or head.seq == 0:
        return
    path = path_of(head.seq)
    if last < head.seq:
        meaning = f"the ledger ends at entry {last}; the exported head names entry {head.seq}"
        yield Problem("truncated", path, meaning)
    elif head.seq in intact and intact[head.seq].hash != head.hash:
        meaning = f"entry {head.seq} is not the one that the exported head names"
        yield Problem("rewritten", path, meaning)
