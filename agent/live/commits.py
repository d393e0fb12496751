"""A commit: what a flow made of a stretch of its journal, as one record of its outputs' log.

The log is a journal itself, so a commit stands whole or not at all. A flow that begins anew goes
over what it has committed in silence, up to the very record, and goes on from there: however often
it is killed, each stretch is committed once.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from configs.errors import Damaged
from storage.journal.reader import Reader
from storage.journal.record import Cursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    from tasks.streams.outputs import Outputs

    from storage.journal.folder import JournalFolder

FRAMES: Final = ("events", "bars", "features", "scores", "patterns", "gaps")
"""What outputs are made of, table by table."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What came of the records between two cursors."""

    begin: Cursor
    end: Cursor
    watermark_us: int
    newest_us: int
    """When the newest of the records came."""
    late: int
    drops: dict[str, int]
    """Events that were left out, by reason."""
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)


class _Stored(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    begin: tuple[int, int]
    end: tuple[int, int]
    watermark_us: int
    newest_us: int
    late: int
    drops: dict[str, int]
    frames: dict[str, bytes]


_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(_Stored).decode


def gather(begin: Cursor, end: Cursor, newest_us: int, parts: Iterable[Outputs]) -> Commit:
    """Put what several pushes brought into one commit.

    Parameters
    ----------
    newest_us
        When the newest record before `end` came.
    """
    import polars as pl

    held: dict[str, list[pl.DataFrame]] = {}
    drops: Counter[str] = Counter()
    late = watermark_us = 0
    for outputs in parts:
        drops.update(outputs.drops)
        late += outputs.late
        watermark_us = outputs.watermark_us
        for name in FRAMES:
            frame = getattr(outputs, name)
            if not frame.is_empty():
                held.setdefault(name, []).append(frame)
    frames = {name: pl.concat(each) for name, each in held.items()}
    return Commit(begin, end, watermark_us, newest_us, late, dict(drops), frames)


def to_bytes(commit: Commit) -> bytes:
    """Write a commit; tables as Arrow."""
    frames = {name: _to_arrow(frame) for name, frame in commit.frames.items()}
    stored = _Stored(
        commit.begin, commit.end, commit.watermark_us, commit.newest_us, commit.late,
        commit.drops, frames,
    )  # fmt: skip
    return _ENCODE(stored)


def from_bytes(body: bytes) -> Commit:
    """Read a commit.

    Raises
    ------
    Damaged
        If it is none.
    """
    import polars as pl

    try:
        stored = _DECODE(body)
        frames = {name: pl.read_ipc_stream(io.BytesIO(raw)) for name, raw in stored.frames.items()}
    except (msgspec.MsgspecError, pl.exceptions.PolarsError, OSError) as error:
        raise Damaged(f"a commit of a flow cannot be read: {error}") from error
    return Commit(
        Cursor(*stored.begin), Cursor(*stored.end), stored.watermark_us, stored.newest_us,
        stored.late, stored.drops, frames,
    )  # fmt: skip


def commits(folder: JournalFolder, cursor: Cursor) -> Iterator[tuple[Cursor, Commit]]:
    """Iterate over the commits of a log from a cursor on, each with the place behind it."""
    reader = Reader(folder, cursor, durable=True)
    try:
        while records := reader.read(1):
            yield reader.cursor, from_bytes(records[0].body)
    finally:
        reader.close()


class Digests:
    """The sha256 of what a flow makes, table by table, however it is divided."""

    def __init__(self) -> None:
        self._taken = {name: hashlib.sha256() for name in FRAMES}
        self.rows: Counter[str] = Counter()

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """Take in rows of a table."""
        if frame.is_empty():
            return
        self.rows[name] += frame.height
        self._taken[name].update(_rows_of(frame))

    def hex(self) -> dict[str, str]:
        """Return the digests."""
        return {name: taken.hexdigest() for name, taken in self._taken.items()}


def _rows_of(frame: pl.DataFrame) -> bytes:
    """Write rows as text that tells any two values apart, and says nothing of how they came."""
    return frame.write_ndjson().encode()


def _to_arrow(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer, compression="zstd")
    return buffer.getvalue()


def counted(commit: Commit) -> dict[str, Any]:
    """Return how many rows of each table a commit has."""
    return {name: frame.height for name, frame in commit.frames.items()}
