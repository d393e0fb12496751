"""Reading a journal from any place on, to its end and behind it, as it grows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from configs.errors import Damaged
from configs.faults import as_errors
from configs.remedies import Mend
from storage.journal.folder import Mark
from storage.journal.frame import FIRST, CutOff, Torn, frames, read_head
from storage.journal.record import BEGINNING, Cursor
from storage.journal.segment import located

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.journal.folder import JournalFolder
    from storage.journal.frame import SegmentHead
    from storage.journal.record import Record

MOST_BYTES: Final = 1 << 20


class Older(Protocol):
    """Where segments are that are not in the folder any more."""

    def segment(self, number: int) -> Iterator[tuple[int, Record]] | None:
        """Return a segment's records and where each ended; None if it was never kept."""

    def first(self) -> int | None:
        """Return the number of the oldest segment that is kept."""


class Reader:
    """Hands out records in their order; what it has handed out ends at :attr:`cursor`.

    Parameters
    ----------
    folder
        The journal.
    cursor
        Where to begin: what a reader's cursor was.
    older
        Where to look for what has left the folder.
    durable
        Whether only what is on the disk is handed out; else what was written, too.
    """

    def __init__(
        self,
        folder: JournalFolder,
        cursor: Cursor = BEGINNING,
        *,
        older: Older | None = None,
        durable: bool = False,
    ) -> None:
        self.folder, self.cursor = folder, cursor
        self._older, self._durable = older, durable
        self._mark: Mark | None = None
        self._file = -1
        self._head: SegmentHead | None = None
        self._archived: Iterator[tuple[int, Record]] | None = None
        self._most = MOST_BYTES
        self._places: list[Cursor] = []
        self.ended = cursor
        """Where the last record that was handed out ends."""

    def close(self) -> None:
        """Let go of what is open."""
        self._leave()
        if self._mark is not None:
            self._mark.close()
            self._mark = None

    def read(self, most: int = 10_000, *, until: Cursor | None = None) -> list[Record]:
        """Return the next records, at most so many; none where there are no more yet.

        Parameters
        ----------
        until
            Nothing behind this place, which lies between two records, is read.

        Raises
        ------
        Damaged
            If what comes next cannot be read; asked again, it says so again.
        """
        records = self._read(most, until)
        if records:
            self.ended = self._places[-1]
        return records

    def _read(self, most: int, until: Cursor | None) -> list[Record]:
        self._places = []
        limit = min(until or self._limit(), self._limit())
        if self._archived is not None:
            return self._read_archived(most, limit)
        if self.cursor >= limit:
            return []
        if not self._open():
            return self._read_elsewhere(most, limit)
        end = self._end_here(limit)
        if self.cursor.offset < end:
            return self._read_hot(end, most, until)
        if self.cursor.segment == limit.segment:
            return []
        self._leave()
        self.cursor = Cursor(self.cursor.segment + 1, 0)
        return self._read(most, limit)

    def read_placed(
        self, most: int = 10_000, *, until: Cursor | None = None
    ) -> list[tuple[Cursor, Record]]:
        """Return the next records, each with the place behind it; see :meth:`read`."""
        records = self.read(most, until=until)
        return list(zip(self._places, records, strict=True))

    def behind(self) -> bool:
        """Whether there may be something to read; costs next to nothing."""
        return self.cursor < self._limit()

    def _limit(self) -> Cursor:
        """Return up to where may be read."""
        if self._mark is None and self.folder.mark.exists():
            self._mark = Mark(self.folder.mark, write=False)
        if self._mark is not None:
            return self._mark.durable() if self._durable else self._mark.written()
        numbers = self.folder.numbers()  # a copy, which nobody writes
        if not numbers:
            return self.cursor
        return Cursor(numbers[-1], self.folder.segment(numbers[-1]).stat().st_size)

    def _open(self) -> bool:
        """Open the segment of the cursor; say whether it is in the folder."""
        if self._file >= 0:
            return True
        path = self.folder.segment(self.cursor.segment)
        try:
            with as_errors():
                if not path.exists():
                    return False
                self._file = os.open(path, os.O_RDONLY)
                self._head = read_head(os.pread(self._file, FIRST, 0), path)
        except BaseException:
            self._leave()
            raise
        self.cursor = Cursor(self.cursor.segment, max(self.cursor.offset, FIRST))
        return True

    def _end_here(self, limit: Cursor) -> int:
        size = os.fstat(self._file).st_size
        if self.cursor.segment < limit.segment:
            return size
        if size < limit.offset:
            self._raise(Torn(size, f"it ends here, and was promised up to byte {limit.offset}"))
        return limit.offset

    def _read_hot(self, end: int, most: int, until: Cursor | None) -> list[Record]:
        """Return records of the open segment before `end`."""
        assert self._head is not None  # noqa: S101 - for the type
        start = self.cursor.offset
        raw = os.pread(self._file, min(self._most, end - start), start)
        found: list[Record] = []
        place = start + len(raw)
        try:
            for end_of, record in frames(raw, self._head.salt, base=start):
                found.append(record)
                self._places.append(Cursor(self.cursor.segment, end_of))
                if len(found) >= most:
                    place = end_of
                    break
        except CutOff as cut:
            if start + len(raw) >= end:
                self._raise_behind(found, cut)
            elif not found:
                self._most *= 2
            place = cut.offset
        except Torn as torn:
            self._raise_behind(found, torn)
            place = torn.offset
        if found:
            self._most = MOST_BYTES
        self.cursor = Cursor(self.cursor.segment, place)
        return found or (self._read(most, until) if self.behind() else [])

    def _raise_behind(self, found: list[Record], torn: Torn) -> None:
        """Hand out first what is whole; then say what is not."""
        if not found:
            self._raise(torn)

    def _raise(self, torn: Torn) -> None:
        assert self._head is not None  # noqa: S101 - for the type
        raise located(self.folder.segment(self.cursor.segment), self._head, torn)

    def _read_elsewhere(self, most: int, limit: Cursor) -> list[Record]:
        """Read what has left the folder, where it is kept."""
        if self._older is not None:
            self._archived = self._older.segment(self.cursor.segment)
        if self._archived is not None:
            return self._read_archived(most, limit)
        if self.cursor == BEGINNING and (first := self._first()) > 0:
            self.cursor = Cursor(first, 0)  # what is older was let go by its source's rule
            return self._read(most, limit)
        raise Damaged(
            f"segment {self.cursor.segment} of the journal of {self.folder.name} is gone: it is "
            f"neither in {self.folder.path} nor in the lake",
            remedy=Mend.CHECK_STREAM(source=self.folder.name),
        )

    def _first(self) -> int:
        kept = self._older.first() if self._older else None
        numbers = self.folder.numbers()[:1]
        return min([*numbers, *([] if kept is None else [kept])], default=0)

    def _read_archived(self, most: int, limit: Cursor) -> list[Record]:
        assert self._archived is not None  # noqa: S101 - for the type
        found: list[Record] = []
        for end, record in self._archived:
            if end <= self.cursor.offset:
                continue
            if Cursor(self.cursor.segment, end) > limit:
                self._archived, self.cursor = None, limit
                return found
            found.append(record)
            self.cursor = Cursor(self.cursor.segment, end)
            self._places.append(self.cursor)
            if len(found) >= most:
                return found
        self._archived = None
        self.cursor = Cursor(self.cursor.segment + 1, 0)
        return found or self._read(most, limit)

    def _leave(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file, self._head = -1, None
