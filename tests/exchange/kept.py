"""A sink that keeps what it is given, for a connector that runs while a context lasts."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from storage.journal.record import Kind, Record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.connectors.port import Connector

ENDS_IN_S = 30.0


class Kept:
    def __init__(self) -> None:
        self.records: list[Record] = []
        self.durable_at: list[int] = []

    async def put(self, kind: Kind, body: bytes) -> None:
        self.records.append(Record(time.time_ns() // 1_000, kind, body))

    async def durable(self) -> int:
        self.durable_at.append(len(self.records))
        return len(self.records)

    def of(self, kind: Kind) -> list[bytes]:
        return [record.body for record in self.records if record.kind is kind]

    @property
    def raw(self) -> list[bytes]:
        return self.of(Kind.RAW)


@asynccontextmanager
async def running(connector: Connector, sink: Kept) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(connector.run(sink))
    try:
        yield task
    finally:
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=ENDS_IN_S)
        assert done, f"it does not end when it is told to: {task.get_stack()}"
        if not task.cancelled():
            task.result()
