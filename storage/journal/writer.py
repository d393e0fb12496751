"""The one writer of a journal: what it has promised is on the disk."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Final, Self

from configs.errors import BadInput, Busy, Failed
from configs.faults import as_errors, error_of
from configs.output import talk
from configs.remedies import Mend
from storage.journal.folder import MOST_SEGMENTS, Mark
from storage.journal.frame import FIRST, LARGEST_BODY, all_frames, make_head, sync_frame
from storage.journal.record import Cursor
from storage.journal.segment import examine
from storage.locks import hold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from configs.output import Talk
    from storage.journal.folder import JournalFolder
    from storage.journal.frame import SegmentHead
    from storage.journal.record import Record
    from storage.journal.segment import Found

LARGEST_SEGMENT: Final = 256 << 20
HOUR_US: Final = 3_600_000_000
WAIT_S: Final = 0.5


class Writer:
    """Appends records; open it as a context.

    Two steps: :meth:`write` lets readers see records, which from there on outlive this process;
    :meth:`sync` puts on the disk what was written, and only that is promised. :meth:`append` does
    both. One thread may write while another syncs.

    Parameters
    ----------
    folder
        The journal; made if it is not there.
    first
        The number of the first segment, where there is none yet: behind what is archived.
    say
        Is told of a torn tail that was cut off, and of damage.

    Raises
    ------
    Busy
        If another process writes this journal.
    """

    def __init__(self, folder: JournalFolder, *, first: int = 0, say: Talk = talk) -> None:
        self.folder = folder
        self.last_us = 0
        """When the newest record came."""
        self._first, self._say = first, say
        self._held = ExitStack()
        self._turn = threading.Lock()
        self._syncing = threading.Lock()
        self._file = -1
        self._head: SegmentHead
        self._end, self._empty, self._unsynced = 0, True, False
        self._durable = Cursor(0, 0)
        self._broken: Failed | None = None

    def __enter__(self) -> Self:
        """Take the lock, cut a torn tail, go on where the journal ends."""
        with as_errors():
            self.folder.path.mkdir(parents=True, exist_ok=True)
        what = f"the journal of {self.folder.name}"
        try:
            self._held.enter_context(hold(self.folder.lock, what=what, timeout_s=WAIT_S))
        except Busy as error:
            raise Busy(
                f"{what} is written by another process",
                hint="a source is recorded once; stop the other one first",
                remedy=Mend.SHOW_STREAM(source=self.folder.name),
            ) from error
        try:
            self._mark = Mark(self.folder.mark, write=True)
            self._held.callback(self._mark.close)
            self._resume()
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Sync, and let go."""
        try:
            if self._broken is None:
                self.sync()
        finally:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
            self._held.close()

    @property
    def written(self) -> Cursor:
        """Where the next record will stand."""
        return Cursor(self._head.number, self._end)

    @property
    def durable(self) -> Cursor:
        """Up to where records are on the disk."""
        return self._durable

    def append(self, records: Iterable[Record]) -> Cursor:
        """Write records and return, once they are on the disk, where the last of them ends."""
        self.write(records)
        return self.sync()

    def write(self, records: Iterable[Record]) -> Cursor:
        """Write records and return where the last ends; those of one hour all or none.

        Their arrival times are made to grow: a clock that is set back stands still here.

        Raises
        ------
        BadInput
            If one is too large; none is written.
        Failed
            If the disk refuses; the journal stays whole, and :attr:`written` says what stands.
        """
        with self._turn:
            self._raise_broken()
            for last_us, bodies in self._by_hour(records):
                if self._is_full(last_us):
                    self._begin(self._head.number + 1, max(self.last_us, last_us))
                self._put(all_frames(bodies, self._head.salt))
                self.last_us, self._empty = bodies[-1].arrival_us, False
                self._unsynced = True
            return self.written

    def sync(self) -> Cursor:
        """Put on the disk what was written, and return up to where that is.

        Raises
        ------
        Failed
            If the disk refuses. After that nothing is promised any more by this writer: what the
            system has thrown away it does not say a second time.
        """
        with self._syncing:
            with self._turn:
                self._raise_broken()
                if not self._unsynced:
                    return self._durable
                aim, self._unsynced = self.written, False
                file = os.dup(self._file)
            try:
                os.fdatasync(file)
            except OSError as error:
                self._broken = error_of(error, self.folder.segment(aim.segment))
                raise self._broken from error
            finally:
                os.close(file)
            with self._turn:
                self._promise(aim)
        return aim

    def _by_hour(self, records: Iterable[Record]) -> list[tuple[int, list[Record]]]:
        """Let times grow, and divide records by the hour in which they came."""
        parts: list[tuple[int, list[Record]]] = []
        last_us, hour = self.last_us, -1
        for record in records:
            if len(record.body) > LARGEST_BODY:
                raise BadInput(f"a record of {len(record.body):,} bytes; at most {LARGEST_BODY:,}")
            if record.arrival_us < last_us:
                record = record._replace(arrival_us=last_us)  # noqa: PLW2901
            last_us = record.arrival_us
            if last_us // HOUR_US != hour:
                hour = last_us // HOUR_US
                parts.append((last_us, []))
            parts[-1][1].append(record)
        return parts

    def _is_full(self, at_us: int) -> bool:
        hour_is_over = at_us // HOUR_US > self.last_us // HOUR_US
        return not self._empty and (hour_is_over or self._end >= LARGEST_SEGMENT)

    def _put(self, raw: bytes) -> None:
        """Write bytes at the end, all of them or none."""
        done = 0
        try:
            while done < len(raw):
                done += os.pwrite(self._file, raw[done:], self._end + done)
        except OSError as error:
            self._cut(self._end)
            raise error_of(error, self.folder.segment(self._head.number)) from error
        self._end += len(raw)
        self._mark.set_written(self.written)

    def _promise(self, aim: Cursor) -> None:
        """Say that what stands up to `aim` is on the disk, in the mark and behind it."""
        if aim < self._durable:  # a newer segment was begun meanwhile, which synced this one
            return
        self._durable = aim
        self._mark.set_durable(aim)
        if aim.segment == self._head.number:
            with suppress(Failed):  # a disk that is full: the next sync says it again
                self._put(sync_frame(aim.offset, self.last_us, self._head.salt))

    def _cut(self, end: int) -> None:
        try:
            os.ftruncate(self._file, end)
        except OSError as error:
            self._broken = error_of(error, self.folder.segment(self._head.number))

    def _raise_broken(self) -> None:
        if self._broken is not None:
            raise self._broken

    def _begin(self, number: int, floor_us: int) -> None:
        """Close the segment, on the disk to its last byte, and make the next one."""
        if number >= MOST_SEGMENTS:
            raise Failed(f"the journal of {self.folder.name} has no name left for a segment")
        head, raw = make_head(number, floor_us)
        path = self.folder.segment(number)
        draft = path.with_suffix(".new")
        with as_errors():
            if self._file >= 0:
                os.fdatasync(self._file)
            draft.write_bytes(raw)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.replace(path)
            _sync_folder(self.folder.path)
            fresh = os.open(path, os.O_RDWR)
        if self._file >= 0:
            os.close(self._file)
        self._file, self._head, self._end, self._empty = fresh, head, FIRST, True
        self._durable, self._unsynced = self.written, False
        self._mark.set_written(self.written)
        self._mark.set_durable(self.written)

    def _resume(self) -> None:
        numbers = self.folder.numbers()
        if not numbers:
            self._begin(self._first, 0)
            return
        path, promised = self.folder.segment(numbers[-1]), self._mark.durable()
        found = examine(path, promised=promised.offset if promised.segment == numbers[-1] else 0)
        self.last_us, self._empty = found.last_us, found.empty
        if found.damaged is not None:
            self._say(f"{found.damaged.what}; recording goes on in a new segment", "error")
            self._begin(numbers[-1] + 1, found.last_us)
            return
        with as_errors():
            self._file = os.open(path, os.O_RDWR)
            if found.torn:
                self._cut_torn(path, found)
            os.fdatasync(self._file)
        self._head, self._end = found.head, found.end
        self._mark.set_written(self.written)
        self._promise(self.written)

    def _cut_torn(self, path: Path, found: Found) -> None:
        """Cut off what a dying writer left half written; it is kept aside."""
        aside = path.with_suffix(f".torn-{found.end}")
        aside.write_bytes(found.torn)
        os.ftruncate(self._file, found.end)
        self._say(
            f"the journal of {self.folder.name} ended in {len(found.torn)} bytes of a record that "
            f"was not promised to anyone; they are cut off, and kept as {aside.name}",
            "warning",
        )


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
