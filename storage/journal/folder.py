"""The folder of one source's journal: its segments, its mark, its lock."""

from __future__ import annotations

import mmap
import re
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from configs.errors import BadInput
from configs.faults import as_errors
from storage.journal.record import Cursor

if TYPE_CHECKING:
    from pathlib import Path

    from configs.workspace import Workspace

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,99}")
_SEGMENT: Final = re.compile(r"([0-9]{8})\.seg")
MOST_SEGMENTS: Final = 10**8
_OFFSET_BITS: Final = 36
_WORD: Final = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class JournalFolder:
    """Where a journal stands."""

    path: Path

    @property
    def name(self) -> str:
        """The source's name."""
        return self.path.name

    def segment(self, number: int) -> Path:
        """Return where a segment is or would be."""
        return self.path / f"{number:08d}.seg"

    def numbers(self) -> list[int]:
        """Return the numbers of the segments that are here, in order."""
        if not self.path.is_dir():
            return []
        found = (_SEGMENT.fullmatch(entry.name) for entry in self.path.iterdir())
        return sorted(int(match[1]) for match in found if match)

    @property
    def lock(self) -> Path:
        """What the one writer holds."""
        return self.path / "writer.lock"

    @property
    def mark(self) -> Path:
        """Where the writer says how far it is."""
        return self.path / "mark"


def journal_folder(workspace: Workspace, name: str) -> JournalFolder:
    """Return the folder of a source's journal in a workspace; makes nothing.

    Raises
    ------
    BadInput
        If the name would escape the folder.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"`{name}` cannot name a source", hint="letters, digits, _ . and -")
    return JournalFolder(workspace.home / "journal" / name)


class Mark:
    """How far a journal is written and how far it is on the disk, for readers in other processes.

    Two words of a file that is mapped into memory: to look costs no call of the system.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self._writes = write
        with as_errors():
            if write:
                with path.open("a+b") as file:
                    file.truncate(2 * _WORD.size)
            with path.open("r+b" if write else "rb") as file:
                access = mmap.ACCESS_WRITE if write else mmap.ACCESS_READ
                self._map = mmap.mmap(file.fileno(), 2 * _WORD.size, access=access)

    def written(self) -> Cursor:
        """Return up to where whole records stand; they outlive this process, not the machine."""
        return self._read(0)

    def durable(self) -> Cursor:
        """Return up to where records are on the disk."""
        return self._read(_WORD.size)

    def set_written(self, cursor: Cursor) -> None:
        """Let readers read up to here."""
        self._write(0, cursor)

    def set_durable(self, cursor: Cursor) -> None:
        """Promise what stands up to here."""
        self._write(_WORD.size, cursor)

    def close(self) -> None:
        """Let go of the file."""
        with suppress(BufferError):
            self._map.close()

    def _read(self, place: int) -> Cursor:
        word = _WORD.unpack_from(self._map, place)[0]
        return Cursor(word >> _OFFSET_BITS, word & ((1 << _OFFSET_BITS) - 1))

    def _write(self, place: int, cursor: Cursor) -> None:
        _WORD.pack_into(self._map, place, cursor.segment << _OFFSET_BITS | cursor.offset)
