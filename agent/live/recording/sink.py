"""What connectors put messages into: each is stamped, written, and soon on the disk."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Final, Protocol, Self, runtime_checkable

from configs.errors import Failed, QraftError
from storage.journal.record import Kind, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.journal.record import Cursor
    from storage.journal.writer import Writer

WRITE_US: Final = 2_000
"""A message waits so long for others to be written with."""
WRITE_BYTES: Final = 1 << 18
SYNC_S: Final = 0.02
"""Between two calls for the disk; with what one takes, far less than a tenth of a second."""
MOST_UNSYNCED: Final = 64 << 20
"""Beyond it, whoever puts waits for the disk."""
TICK_US: Final = 1_000_000


@runtime_checkable
class Line(Protocol):
    """What a connector says of itself."""

    connections: int
    trouble: str


def clock_us() -> int:
    """Return the time by this machine's clock, microseconds since 1970."""
    return time.time_ns() // 1_000


class JournalSink:
    """Appends to a journal from an event loop, with a thread that syncs; use it as a context.

    Parameters
    ----------
    writer
        The journal, open.
    now_us
        The clock that stamps.
    """

    def __init__(self, writer: Writer, *, now_us: Callable[[], int] = clock_us) -> None:
        self.writer = writer
        self.counts: Counter[str] = Counter()
        """Records by kind, and `bytes`."""
        self.line: Line | None = None
        """What brings the messages, where it says how it is."""
        self._now_us = now_us
        self._held: list[Record] = []
        self._held_bytes = self._unsynced = 0
        self._newest_us = self.message_us = now_us()
        self._end = writer.durable
        self._failed: QraftError | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wanted, self._over = threading.Event(), threading.Event()
        self._synced = asyncio.Event()
        self._thread = threading.Thread(target=self._keep_syncing, name="sync", daemon=True)

    async def __aenter__(self) -> Self:
        """Begin to sync."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write and sync what is left."""
        try:
            self._write()
        finally:
            self._over.set()
            self._wanted.set()
            await asyncio.to_thread(self._thread.join)

    async def put(self, kind: Kind, body: bytes) -> None:
        """Take a message, stamped with the time now; wait where the disk does not keep up.

        Raises
        ------
        Failed
            If the disk refuses; the message may not be in the journal then.
        """
        at_us = self._now_us()
        self._held.append(Record(at_us, kind, body))
        if kind is Kind.RAW:
            self.message_us = at_us
        self._held_bytes += len(body)
        self._newest_us = at_us
        # Under load a loop does not come to its timers: age is looked at here, too.
        if self._held_bytes >= WRITE_BYTES or at_us - self._held[0].arrival_us >= WRITE_US:
            self._write()
        elif self._timer is None:
            self._timer = self._loop.call_later(WRITE_US / 1e6, self._write_on_time)
        while self._unsynced > MOST_UNSYNCED:
            await self._next_sync()

    async def durable(self) -> Cursor:
        """Return, once all that was put is on the disk, where that is."""
        self._write()
        aim = self._end
        while self.writer.durable < aim:
            await self._next_sync()
        return aim

    async def tick(self) -> None:
        """Write ticks of the clock while nothing else comes; ends only by being cancelled."""
        while True:
            quiet_us = self._now_us() - self._newest_us
            if quiet_us >= TICK_US:
                await self.put(Kind.TICK, b"")
                quiet_us = 0
            await asyncio.sleep(max(0.01, (TICK_US - quiet_us) / 1e6))

    def raise_failed(self) -> None:
        """Raise what the disk has refused, if it has."""
        if self._failed is not None:
            raise self._failed

    def _write_on_time(self) -> None:
        self._timer = None
        try:
            self._write()
        except QraftError as error:
            self._failed = error

    def _write(self) -> None:
        self.raise_failed()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._held:
            return
        held, self._held, size, self._held_bytes = self._held, [], self._held_bytes, 0
        self._end = self.writer.write(held)
        self._unsynced += size + len(held)
        self.counts.update(record.kind.name.lower() for record in held)
        self.counts["bytes"] += size
        self._wanted.set()

    async def _next_sync(self) -> None:
        self.raise_failed()
        self._synced.clear()
        self._wanted.set()
        await self._synced.wait()
        self.raise_failed()

    def _keep_syncing(self) -> None:
        """Sync again and again; in a thread of its own, for a disk may take its time."""
        while True:
            self._wanted.wait()
            self._wanted.clear()
            waiting = self._unsynced
            try:
                self.writer.sync()
            except Failed as error:
                self._failed = error
            self._loop.call_soon_threadsafe(self._note_sync, waiting)
            if self._failed is not None or self._over.wait(SYNC_S):
                break
        if self._failed is None:
            self.writer.sync()

    def _note_sync(self, count: int) -> None:
        self._unsynced -= count
        self._synced.set()
