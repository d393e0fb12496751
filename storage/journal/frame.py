"""How a record stands in a segment: checksum, length, arrival, kind, body.

Every checksum begins with the segment's salt, so that no message, whatever it holds, can look like
a frame of ours to one who searches behind damage.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from configs.errors import Damaged
from storage.journal.record import Kind, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LARGEST_BODY: Final = 64 << 20
_MAGIC: Final = b"QRAFTJNL"
VERSION: Final = 1
_SEGMENT: Final = struct.Struct("<8sHHIQQ")
"""Magic, version, nothing, salt, number of the segment, arrival of what came before."""
_CHECK: Final = struct.Struct("<I")
_HEAD: Final = struct.Struct("<IQB")
FIRST: Final = _SEGMENT.size + _CHECK.size
"""Where the first frame of a segment stands."""
HEAD_BYTES: Final = _CHECK.size + _HEAD.size
SYNCED: Final = 255
"""The kind of a frame that is no record: it says up to where the segment is on the disk. Behind
damage it tells a torn tail, which was promised to nobody, from a lost middle."""
_SYNC_MARK: Final = b"QRAFTSYN"
_SYNC_BODY: Final = struct.Struct("<8sQ")
_KINDS: Final = {int(kind): kind for kind in Kind}
_WHOLE_HEAD: Final = struct.Struct("<IIQB")


class SegmentHead(NamedTuple):
    """What a segment says of itself."""

    number: int
    salt: int
    floor_us: int
    """Nothing in it came earlier."""


class Torn(Exception):
    """At `offset` no whole frame stands."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"byte {offset}: {why}")
        self.offset = offset
        self.why = why


class CutOff(Torn):
    """The bytes end before a frame does; more of them may be to come."""


def make_head(number: int, floor_us: int) -> tuple[SegmentHead, bytes]:
    """Return a new segment's head, with a salt of its own, and its bytes."""
    head = SegmentHead(number, int.from_bytes(os.urandom(4), "little"), floor_us)
    raw = _SEGMENT.pack(_MAGIC, VERSION, 0, head.salt, number, floor_us)
    return head, raw + _CHECK.pack(crc32(raw))


def read_head(raw: bytes, path: Path) -> SegmentHead:
    """Read a segment's head.

    Raises
    ------
    Damaged
        If these bytes begin no segment that this version can read.
    """
    if len(raw) < FIRST:
        raise Damaged(f"{path} is no segment of a journal: it has {len(raw)} bytes")
    magic, version, _, salt, number, floor_us = _SEGMENT.unpack_from(raw)
    if magic != _MAGIC:
        raise Damaged(f"{path} is no segment of a journal")
    if version != VERSION:
        raise Damaged(
            f"{path} is of version {version}; this Qraft reads version {VERSION}",
            hint="another, newer Qraft has used this workspace; use that one",
        )
    if _CHECK.unpack_from(raw, _SEGMENT.size)[0] != crc32(raw[: _SEGMENT.size]):
        raise Damaged(f"the head of {path} is damaged")
    return SegmentHead(number, salt, floor_us)


def frame(arrival_us: int, kind: int, body: bytes, salt: int) -> bytes:
    """Return a record as it stands in a segment."""
    head = _HEAD.pack(len(body), arrival_us, kind)
    return _CHECK.pack(crc32(body, crc32(head, salt))) + head + body


def all_frames(records: Iterable[Record], salt: int) -> bytes:
    """Return records as they stand one behind the other; :func:`frame` of each, and quicker."""
    pieces: list[bytes] = []
    take, check, head_of = pieces.extend, _CHECK.pack, _HEAD.pack
    for arrival_us, kind, body in records:
        head = head_of(len(body), arrival_us, kind)
        take((check(crc32(body, crc32(head, salt))), head, body))
    return b"".join(pieces)


def sync_frame(durable: int, arrival_us: int, salt: int) -> bytes:
    """Return the frame that says that all that stands before `durable` is on the disk."""
    return frame(arrival_us, SYNCED, _SYNC_BODY.pack(_SYNC_MARK, durable), salt)


def frames(raw: bytes, salt: int, *, base: int) -> Iterator[tuple[int, Record]]:
    """Iterate over records and where each ends.

    Parameters
    ----------
    raw
        Bytes of a segment that begin with a frame.
    base
        Where in the segment they begin.

    Raises
    ------
    Torn
        Where no whole frame stands; what stood before was handed out.
    Damaged
        If a record is of a kind that a newer version writes.
    """
    place, end = 0, len(raw)
    while place < end:
        body_at = place + HEAD_BYTES
        if body_at > end:
            raise CutOff(base + place, "a record is cut off")
        check, length, arrival_us, kind = _WHOLE_HEAD.unpack_from(raw, place)
        after = body_at + length
        if length > LARGEST_BODY:
            raise Torn(base + place, "a record would be larger than any")
        if after > end:
            raise CutOff(base + place, "a record is cut off")
        body = raw[body_at:after]
        if crc32(body, crc32(raw[place + _CHECK.size : body_at], salt)) != check:
            raise Torn(base + place, "a record does not agree with its checksum")
        place = after
        if kind == SYNCED:
            continue
        known = _KINDS.get(kind)
        if known is None:
            raise Damaged(
                f"a record of kind {kind}, which this Qraft does not know",
                hint="another, newer Qraft has used this workspace; use that one",
            )
        yield base + place, Record(arrival_us, known, body)


def next_synced(raw: bytes, salt: int, *, start: int) -> int | None:
    """Return where, behind `start`, a frame says that what stands at `start` was on the disk.

    Parameters
    ----------
    raw
        A whole segment.
    """
    found = raw.find(_SYNC_MARK, start)
    while found >= 0:
        place, end = found - HEAD_BYTES, found + _SYNC_BODY.size
        if start < _promised(raw[place:end], salt):
            return place
        found = raw.find(_SYNC_MARK, found + 1)
    return None


def _promised(whole: bytes, salt: int) -> int:
    """Return what a frame says is on the disk; -1 for what is no such frame."""
    if len(whole) != HEAD_BYTES + _SYNC_BODY.size:
        return -1
    check, length, _, kind = _WHOLE_HEAD.unpack_from(whole)
    body = whole[HEAD_BYTES:]
    honest = crc32(body, crc32(whole[_CHECK.size : HEAD_BYTES], salt)) == check
    promised: int = _SYNC_BODY.unpack(body)[1]
    return promised if honest and kind == SYNCED and length == len(body) else -1
