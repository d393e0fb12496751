"""A segment that is there: read from end to end, its torn tail told from a lost middle."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, NamedTuple

from configs.errors import Damaged
from configs.faults import as_errors
from configs.remedies import Mend
from storage.journal.frame import FIRST, CutOff, Torn, frames, next_synced, read_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from storage.journal.frame import SegmentHead
    from storage.journal.record import Record

BLOCK_BYTES = 8 << 20
_DIGESTED = struct.Struct("<QBI")


class Found(NamedTuple):
    """What was found of a segment that was open when its writer ended."""

    head: SegmentHead
    end: int
    """Where its last whole frame ends."""
    last_us: int
    """When its last record came; the floor where there is none."""
    empty: bool
    """Whether there is none."""
    torn: bytes
    """What stands behind the end."""
    damaged: Damaged | None = None
    """What is wrong, if something that was promised cannot be read; `last_us` looks behind it."""


class Summary(NamedTuple):
    """What a stretch of a journal holds; equal summaries, equal records."""

    records: int
    digest: str
    """sha256 over arrival, kind, length and body of each record, in order."""


def examine(path: Path, *, promised: int = 0) -> Found:
    """Read a segment that may end in what a dying writer left.

    Parameters
    ----------
    promised
        Up to where its writer said that it is on the disk.

    Raises
    ------
    Damaged
        If not even its head can be read.
    """
    raw = read_segment(path)
    head = read_head(raw, path)
    last_us, end, torn = _follow(raw, head, FIRST)
    empty = last_us is None
    found = Found(head, end, head.floor_us if last_us is None else last_us, empty, raw[end:])
    torn = torn or (Torn(end, "it is cut off") if end < promised else None)
    if torn is None:
        return found
    whole_from = next_synced(raw, head.salt, start=end)
    if whole_from is None and end >= promised:
        return found
    later, *_ = _follow(raw, head, whole_from or len(raw))
    newest = max(found.last_us, later or 0)
    damaged = damage(path, torn, readable_from=whole_from)
    return found._replace(last_us=newest, empty=False, damaged=damaged)


def _follow(raw: bytes, head: SegmentHead, start: int) -> tuple[int | None, int, Torn | None]:
    """Return when the last record from `start` on came, where its whole frames end, and why."""
    last_us = None
    try:
        for _, record in frames(raw[start:], head.salt, base=start):
            last_us = record.arrival_us
    except Torn as torn:
        return last_us, torn.offset, torn
    return last_us, len(raw), None


def damage(path: Path, torn: Torn, *, readable_from: int | None = None) -> Damaged:
    """Say what is damaged, where, and how much of it is lost."""
    after = (
        f"records are whole again from byte {readable_from} at the latest"
        if readable_from is not None
        else "no whole record was found behind it"
    )
    return Damaged(
        f"the journal's segment {path} is damaged at byte {torn.offset}: {torn.why}",
        hint=f"{after}; nothing behind the damage is used until a person says so",
        remedy=Mend.CHECK_STREAM(source=path.parent.name),
    )


def records_of(path: Path) -> Iterator[tuple[int, Record]]:
    """Iterate over a closed segment's records and where each ends.

    Raises
    ------
    Damaged
        If it is not whole to its last byte.
    """
    with as_errors(), path.open("rb") as file:
        head = read_head(file.read(FIRST), path)
        base, held = FIRST, b""
        while block := file.read(BLOCK_BYTES):
            held += block
            try:
                yield from frames(held, head.salt, base=base)
                base, held = base + len(held), b""
            except CutOff as cut:
                base, held = cut.offset, held[cut.offset - base :]
            except Torn as torn:
                raise located(path, head, torn) from torn
    if held:
        raise located(path, head, Torn(base, "a record is cut off"))


def located(path: Path, head: SegmentHead, torn: Torn) -> Damaged:
    """Say what is damaged, and where what stands behind it is whole again."""
    synced = next_synced(read_segment(path), head.salt, start=torn.offset + 1)
    return damage(path, torn, readable_from=synced)


def summarise(records: Iterable[Record]) -> Summary:
    """Count records, and take their digest."""
    count, taken = 0, hashlib.sha256()
    for record in records:
        count += 1
        taken.update(_DIGESTED.pack(record.arrival_us, record.kind, len(record.body)))
        taken.update(record.body)
    return Summary(count, taken.hexdigest())


def read_segment(path: Path) -> bytes:
    """Return a segment's bytes."""
    with as_errors():
        return path.read_bytes()
