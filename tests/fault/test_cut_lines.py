"""A live line through a fault proxy: reset, half open, late, cut in the middle of a frame."""

from __future__ import annotations

import asyncio
import json
import uuid
from itertools import pairwise

import pytest

from storage.connectors.opening import Around, open_connector
from storage.journal.record import Kind
from tasks.sources.history import ask
from tasks.streams.decoding import known, make
from tasks.streams.decoding.formats import HISTORIES
from taskspecs.sources.catalogue import shipped
from taskspecs.sources.load import parse
from tests.exchange.histories import START_US, answering, trade
from tests.exchange.kept import Kept, running
from tests.exchange.server import Exchange, until
from tests.fault.toxic import proxied

pytestmark = [pytest.mark.server, pytest.mark.slow]

NOW = START_US + 86_400_000_000
SILENT_S = 1.0
FAULTS = {
    "reset": ("reset_peer", {"timeout": 50}),
    "half open": ("timeout", {"timeout": 0}),
    "2 s late": ("latency", {"latency": 2_000}),
    "cut in a frame": ("limit_data", {"bytes": 4_001}),
}


def message(number: int) -> str:
    at, price, size, sold = trade(number)
    return json.dumps({"e": "trade", "E": at // 1_000, "s": "BTCUSDT", "t": number, "p": price,
                       "q": size, "T": at // 1_000, "m": sold, "M": True})  # fmt: skip


class Market:
    """Trades go on whether anybody listens or not."""

    def __init__(self) -> None:
        self.number = 1_000

    async def trade(self) -> None:
        while True:
            await asyncio.sleep(0.005)
            self.number += 1

    async def tell(self, line, number) -> None:
        told = self.number
        while True:
            while told < self.number:
                told += 1
                await line.send(message(told))
            await asyncio.sleep(0.002)


def source(port: int, exchange: Exchange):
    text = shipped()["binance_trades"].read_text(encoding="utf-8")
    text = text.replace("wss://stream.binance.com:9443/ws", f"ws://127.0.0.1:{port}/ws")
    text = text.replace("silent_s: 60", f"silent_s: {SILENT_S}\n  min_uptime_s: 0.2")
    return parse(f"{text}history_url: {exchange.http}\n", known())


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_missing_after_a_fault_and_the_line_is_back_soon(servers, monkeypatch, fault):
    monkeypatch.setattr(HISTORIES["binance"], "pause_s", 0.0)
    kind, attributes = FAULTS[fault]
    sink, market = Kept(), Market()

    def opened() -> int:
        return len(sink.of(Kind.OPENED))

    async def main():
        admin = servers.ports["toxiproxy"]["http"]
        trading = asyncio.create_task(market.trade())
        async with Exchange(market.tell, rest=answering("binance")) as exchange:
            with proxied(admin, uuid.uuid4().hex, exchange.port) as proxy:
                spec = source(proxy.port, exchange)
                decoder = make(spec)
                connector = open_connector(spec, Around(None, symbols=decoder.names.asked))
                async with running(connector, sink):
                    await until(lambda: len(sink.raw) > 100)
                    await asyncio.to_thread(proxy.ail, kind, "downstream", **attributes)
                    await until(lambda: fault == "2 s late" or sink.of(Kind.CLOSED))
                    await asyncio.sleep(0.5)
                    before = opened()
                    await asyncio.to_thread(proxy.heal)
                    await until(lambda: opened() > before)
                    came = len(sink.raw)
                    await until(lambda: len(sink.raw) > came + 50)
                    last = json.loads(sink.raw[-1])["t"]
            trading.cancel()
            await _fill(spec, sink, last)
        _look_at_the_first_drop(fault)

    async def _fill(spec, sink, last):
        reader = make(spec)
        found = {event.sequence for body in sink.raw for event in reader.decode(body, NOW)}
        missing = [(a + 1, b - 1) for a, b in pairwise(sorted(found)) if b > a + 1]
        for first, end in missing:
            times = (trade(first - 1)[0], trade(end + 1)[0])
            for body in await ask(spec, ("BTC-USDT", first, end, *times)):
                found |= {event.sequence for event in reader.answer(body, NOW)}
        assert set(range(min(found), last + 1)) <= found

    def _look_at_the_first_drop(fault):
        closed = next(record for record in sink.records if record.kind is Kind.CLOSED)
        before = [r.arrival_us for r in sink.records if r.arrival_us < closed.arrival_us]
        reason = json.loads(closed.body)["reason"]
        if fault == "half open":
            assert reason.startswith("silent")
            assert closed.arrival_us - max(before) <= (SILENT_S + 1) * 1_000_000

    asyncio.run(main())
