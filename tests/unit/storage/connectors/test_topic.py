"""A topic's messages are finished on the bus once they are kept; a recording comes again."""

from __future__ import annotations

import asyncio
import time

import pytest

from configs.errors import BadInput
from storage.connectors.opening import Around, open_connector
from storage.events.spool import Spool
from storage.journal.record import Kind, Record
from taskspecs.sources.load import parse
from tests.exchange.kept import Kept, running
from tests.exchange.server import until

TEXT = """\
name: mine
symbols: [A]
connect: {connect}
decode: {{fields: {{ts: {{path: t}}, price: {{path: p, decimals: 2}}}}}}
"""


def spec(connect: str):
    return parse(TEXT.format(connect=connect))


def test_a_message_is_finished_once_it_is_kept(tmp_path):
    bus = Spool(tmp_path / "events")

    class Slow(Kept):
        async def durable(self):
            assert self.raw == [b"1", b"2"]
            return await super().durable()

    async def main():
        sink = Slow()
        around = Around(tmp_path, bus=lambda: bus)
        made = open_connector(spec("{by: nsq, topic: ticks, channel: mine}"), around)
        with bus.subscribe("ticks", "mine"):
            pass
        bus.publish("ticks", [b"1", b"2"])
        async with running(made, sink):
            await until(lambda: sink.durable_at)
        with bus.subscribe("ticks", "mine") as again:
            assert list(again.receive(0.2)) == []

    try:
        asyncio.run(main())
    finally:
        bus.close()


def test_a_recording_comes_again(tmp_path):
    (tmp_path / "day.txt").write_bytes(b'1000000\t{"t":1}\n1200000\t{"t":2}\n{"t":3}\n')

    async def main():
        fast, slow = Kept(), Kept()
        await open_connector(spec("{by: replay, path: day.txt}"), Around(tmp_path)).run(fast)
        began = time.monotonic()
        timed = spec("{by: replay, path: day.txt, speed: 2}")
        await open_connector(timed, Around(tmp_path)).run(slow)
        assert time.monotonic() - began >= 0.1
        assert fast.raw == slow.raw == [b'{"t":1}', b'{"t":2}', b'{"t":3}']
        assert fast.durable_at == [3]

    asyncio.run(main())


def test_a_journal_comes_again_without_what_was_not_the_sources(tmp_path):
    records = [Record(n, kind, b"{}") for n, kind in enumerate(Kind)]

    async def main():
        sink = Kept()
        around = Around(tmp_path, journal=lambda name: records)
        await open_connector(spec("{by: replay, path: other}"), around).run(sink)
        assert [record.kind for record in sink.records] == [
            Kind.RAW, Kind.OPENED, Kind.CLOSED, Kind.HISTORY
        ]  # fmt: skip

    asyncio.run(main())


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(BadInput, match="no recording"):
        open_connector(spec("{by: replay, path: day.txt}"), Around(tmp_path))
    with pytest.raises(BadInput, match="no bus"):
        open_connector(spec("{by: nsq, topic: t}"), Around(tmp_path))
