"""What was recorded before, again: as fast as it goes, or as it was."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from configs.errors import BadInput
from storage.journal.record import Kind, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from storage.connectors.port import Sink
    from taskspecs.sources.connection import ReplayConnection

BROUGHT: Final = frozenset({Kind.RAW, Kind.HISTORY, Kind.OPENED, Kind.CLOSED})
"""What was the source's; ticks, documents and ratings are of the one who recorded."""
LONGEST_LINE: Final = 64 << 20
YIELD_EVERY: Final = 256


class ReplayConnector:
    """Brings recorded messages, once.

    Parameters
    ----------
    spec
        What, and how fast.
    records
        The recording.
    """

    def __init__(self, spec: ReplayConnection, records: Iterable[Record]) -> None:
        self._spec = spec
        self._records = records
        self.connections = 0
        self.trouble = ""

    async def run(self, sink: Sink) -> None:
        """Bring messages until there are no more."""
        loop = asyncio.get_running_loop()
        began, first_us = loop.time(), None
        self.connections = 1
        for count, record in enumerate(self._records):
            if record.kind not in BROUGHT:
                continue
            if self._spec.speed is not None:
                first_us = record.arrival_us if first_us is None else first_us
                due = began + (record.arrival_us - first_us) / 1e6 / self._spec.speed
                await asyncio.sleep(max(0.0, due - loop.time()))
            elif count % YIELD_EVERY == 0:
                await asyncio.sleep(0)
            await sink.put(record.kind, record.body)
        await sink.durable()


def read_recording(path: Path) -> Iterator[Record]:
    """Read a recording's file: a message a line, or a line with the time it came before it.

    A time is microseconds since 1970 and a tab; without one a message comes with the one before.

    Raises
    ------
    BadInput
        If it cannot be read, or a line is longer than 64 MiB.
    """
    arrival_us = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise BadInput(f"{path} has a line of more than {LONGEST_LINE:,} bytes")
                body = line.rstrip(b"\r\n")
                before, tab, rest = body.partition(b"\t")
                if tab and before.isdigit() and len(before) <= 18:
                    arrival_us, body = max(arrival_us, int(before)), rest
                if body:
                    yield Record(arrival_us, Kind.RAW, body)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
