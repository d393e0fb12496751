"""A checkpoint: the state of a flow at a cursor of its journal; replaced whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

import msgspec

from agent.live.home import write_whole
from configs.errors import Damaged
from storage.journal.record import BEGINNING, Cursor

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES: Final = 256 << 20
_VERSION: Final = 1


class Checkpoint(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a flow begins anew from."""

    version: int
    cursor: tuple[int, int]
    """Up to where the journal is in the state."""
    outputs: tuple[int, int]
    """A place in the outputs' log that is not behind its commits of later records."""
    state: bytes
    """As the flow froze it."""
    check: int
    """Of the state."""

    @property
    def at(self) -> Cursor:
        """Up to where the journal is in the state."""
        return Cursor(*self.cursor)

    @property
    def log(self) -> Cursor:
        """Where to look for later commits."""
        return Cursor(*self.outputs)


def make(cursor: Cursor, outputs: Cursor, state: bytes) -> Checkpoint:
    """Return a checkpoint."""
    return Checkpoint(_VERSION, cursor, outputs, state, crc32(state))


NOTHING: Final = make(BEGINNING, BEGINNING, b"")
"""Before there is a state."""


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the one before; on the disk when this returns."""
    write_whole(path, msgspec.msgpack.encode(checkpoint))


def read(path: Path) -> Checkpoint:
    """Return the checkpoint, or :data:`NOTHING` where there is none.

    Raises
    ------
    Damaged
        If it is not what was written: then the flow is made anew from the journal.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Damaged(f"the checkpoint {path} is larger than any")
        raw = path.read_bytes()
    except FileNotFoundError:
        return NOTHING
    try:
        found = msgspec.msgpack.decode(raw, type=Checkpoint)
    except msgspec.MsgspecError as error:
        raise Damaged(f"the checkpoint {path} cannot be read: {error}") from error
    if found.version != _VERSION or found.check != crc32(found.state):
        raise Damaged(f"the checkpoint {path} is damaged, or of another version")
    return found
