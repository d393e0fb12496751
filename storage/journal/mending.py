"""Mending a damaged segment: what cannot be read is given up, said in the journal, and kept aside.

The place of what is lost is filled by a record that says so and is as long: every cursor behind it
stays what it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from configs.errors import Busy
from configs.faults import as_errors
from storage.journal.frame import FIRST, HEAD_BYTES, SYNCED, Torn, frame, frames, read_head
from storage.journal.record import Kind
from storage.journal.segment import read_segment
from storage.locks import hold

if TYPE_CHECKING:
    from pathlib import Path

    from storage.journal.folder import JournalFolder
    from storage.journal.frame import SegmentHead

_LONGEST_QUIET_US: Final = 10 * 366 * 86_400_000_000


class Lost(NamedTuple):
    """What was given up."""

    segment: int
    offset: int
    size: int


def mend(folder: JournalFolder, number: int) -> list[Lost]:
    """Give up what cannot be read of a segment; return where, and how many bytes each time.

    The segment as it was stays beside it, its name ending in ``.damaged``.

    Raises
    ------
    Busy
        If the journal is being written.
    Damaged
        If not even the segment's head can be read.
    """
    what = f"the journal of {folder.name}"
    try:
        with hold(folder.lock, what=what, timeout_s=0.5):
            return _mend(folder.segment(number), number)
    except Busy as error:
        raise Busy(f"{what} is being written", hint="stop its source first") from error


def _mend(path: Path, number: int) -> list[Lost]:
    raw = bytearray(read_segment(path))
    head = read_head(bytes(raw[:FIRST]), path)
    lost: list[Lost] = []
    place, last_us = FIRST, head.floor_us
    while True:
        try:
            for _, record in frames(bytes(raw[place:]), head.salt, base=place):
                last_us = record.arrival_us
            break
        except Torn as torn:
            end = _next_frame(bytes(raw), head, torn.offset + 1, last_us)
            end = _room(end, torn.offset, len(raw))
            behind = raw[end + 8 : end + 16]
            at_us = int.from_bytes(behind, "little") if behind else last_us
            raw[torn.offset : end] = _filler(end - torn.offset, at_us, head)
            lost.append(Lost(number, torn.offset, end - torn.offset))
            place = torn.offset
    if lost:
        _replace(path, bytes(raw))
    return lost


def _next_frame(raw: bytes, head: SegmentHead, start: int, last_us: int) -> int:
    """Return where the next whole frame begins; the end where there is none."""
    kinds = {int(kind) for kind in Kind} | {SYNCED}
    for place in range(start, len(raw) - HEAD_BYTES + 1):
        if raw[place + HEAD_BYTES - 1] not in kinds:
            continue
        length = int.from_bytes(raw[place + 4 : place + 8], "little")
        at_us = int.from_bytes(raw[place + 8 : place + 16], "little")
        end = place + HEAD_BYTES + length
        if end > len(raw) or at_us < last_us or (last_us and at_us > last_us + _LONGEST_QUIET_US):
            continue
        whole = raw[place:end]
        if frame(at_us, whole[HEAD_BYTES - 1], whole[HEAD_BYTES:], head.salt) == whole:
            return place
    return len(raw)


def _room(end: int, start: int, size: int) -> int:
    """Nothing shorter than a frame can be filled: then the end of the file is as good."""
    return end if end - start >= HEAD_BYTES else size


def _filler(size: int, at_us: int, head: SegmentHead) -> bytes:
    """Return a record of so many bytes that says that something is lost; nothing if it is short."""
    room = size - HEAD_BYTES
    if room < 0:
        return b""
    said = json.dumps({"reason": "damaged", "bytes": size}).encode()
    if room < len(said):
        return frame(at_us, Kind.TICK, b" " * room, head.salt)
    return frame(at_us, Kind.CLOSED, said.ljust(room), head.salt)


def _replace(path: Path, raw: bytes) -> None:
    with as_errors():
        draft = path.with_suffix(".mended")
        draft.write_bytes(raw)
        aside = path.with_suffix(".damaged")
        if not aside.exists():
            aside.hardlink_to(path)
        draft.replace(path)
