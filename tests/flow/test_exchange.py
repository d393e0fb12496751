"""From a scripted exchange to events: shipped documents, cut lines, and nothing missing."""

from __future__ import annotations

import asyncio
import json
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

NOW = START_US + 86_400_000_000
FAST = "  backoff_s: [0.02, 0.1]\n  message_pause_s: 0\n  silent_s: 5\n"


def document(name: str, exchange: Exchange, **addresses: str):
    """A shipped document, but for where it leads and how patient it is."""
    text = shipped()[name].read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("  silent_s")]
    text = "\n".join(lines)
    for old, new in ({"wss://stream.binance.com:9443/ws": f"{exchange.ws}/ws"} | addresses).items():
        text = text.replace(old, new)
    asked = f"history_url: {exchange.http}\n" if "fill: history" in text else ""
    text = text.replace("connect:\n", f"{asked}connect:\n{FAST}", 1)
    return parse(text, known())


def events_of(sink: Kept, reader):
    """What a flow would decode of what was kept."""
    for record in sink.records:
        if record.kind is Kind.OPENED:
            reader.opened()
        elif record.kind is Kind.RAW:
            yield from reader.decode(record.body, NOW)


def message(number: int) -> str:
    at, price, size, sold = trade(number)
    return json.dumps({"e": "trade", "E": at // 1_000, "s": "BTCUSDT", "t": number, "p": price,
                       "q": size, "T": at // 1_000, "m": sold, "M": True})  # fmt: skip


def test_no_sequence_number_is_missing_however_lines_are_cut(monkeypatch):
    monkeypatch.setattr(HISTORIES["binance"], "pause_s", 0.0)
    stretches = [(1_000, 1_040), (1_055, 1_100), (1_090, 1_150), (1_400, 1_410)]

    async def script(line, number):
        asked = json.loads(await line.recv())
        await line.send(json.dumps({"result": None, "id": asked["id"]}))
        first, last = stretches[min(number, len(stretches)) - 1]
        for each in range(first, last + 1):
            await line.send(message(each))
        if number < len(stretches):
            await asyncio.sleep(0.01)
            line.transport.abort()
        await line.wait_closed()

    async def main():
        sink = Kept()
        async with Exchange(script, rest=answering("binance"), hears=False) as exchange:
            spec = document("binance_trades", exchange)
            decoder = make(spec)
            connector = open_connector(spec, Around(None, symbols=decoder.names.asked))
            async with running(connector, sink):
                await until(lambda: any(b'"t": 1410' in body for body in sink.raw))
            reader = make(spec)
            found = {each.sequence: each for each in events_of(sink, reader)}
            for first, last in _gaps(sorted(found)):
                times = found[first - 1].ts_us, found[last + 1].ts_us
                for body in await ask(spec, ("BTC-USDT", first, last, *times)):
                    found |= {each.sequence: each for each in reader.answer(body, NOW)}
        assert sorted(found) == list(range(1_000, 1_411))
        alone = make(spec)
        for number, each in found.items():
            assert alone.decode(message(number).encode(), NOW) == [each]

    asyncio.run(main())


def _gaps(numbers: list[int]) -> list[tuple[int, int]]:
    return [(before + 1, after - 1) for before, after in pairwise(numbers) if after > before + 1]


def change(first: int, last: int, bid: str) -> str:
    return json.dumps({"e": "depthUpdate", "E": START_US // 1_000, "s": "BTCUSDT", "U": first,
                       "u": last, "b": [[bid, "1"]], "a": [["200", "1"]]})  # fmt: skip


@pytest.mark.parametrize("lost", [False, True])
def test_a_book_is_begun_anew_with_each_line_and_after_each_gap(lost):
    """The best prices follow the snapshots; a change that is missing silences the book."""

    async def script(line, number):
        await line.recv()
        at = 100 * number
        while True:
            await line.send(change(at, at, f"{at}.5" if at % 2 else f"{at}"))
            at += 2 if lost and at % 100 == 5 else 1
            if number == 1 and at == 110:
                line.transport.abort()
            await asyncio.sleep(0.01)

    def rest(path, params):
        assert (path, params) == ("/api/v3/depth", {"symbol": "BTCUSDT", "limit": "1000"})
        bids = [["1", "1"]]
        last = 100 * len(exchange_of[0].handshakes) + 2
        return 200, {}, json.dumps({"lastUpdateId": last, "bids": bids, "asks": [["200", "1"]]})

    exchange_of = []

    async def main():
        sink = Kept()
        async with Exchange(script, rest=rest, hears=False) as exchange:
            exchange_of.append(exchange)
            spec = document(
                "binance_depth", exchange, **{"https://api.binance.com/": f"{exchange.http}/"}
            )
            spec = spec.model_copy(
                update={
                    "connect": spec.connect.model_copy(
                        update={
                            "snapshot": spec.connect.snapshot.model_copy(update={"after_s": 0.03})
                        }
                    )
                }
            )
            decoder = make(spec)
            connector = open_connector(spec, Around(None, symbols=decoder.names.asked))
            async with running(connector, sink):
                await until(lambda: sum(b"depthUpdate" in body for body in sink.raw) > 25)
        reader = make(spec)
        quotes = list(events_of(sink, reader))
        first_line = [each.sequence for each in quotes if each.sequence < 200]
        assert first_line[0] >= 102
        if lost:
            assert max(first_line) <= 105
            assert reader.wants() == ["BTCUSDT"]
        else:
            assert first_line == list(range(first_line[0], 110))
            assert max(each.sequence for each in quotes) > 205
            assert reader.wants() == []

    asyncio.run(main())


DAYS = ("2026-01-02", "2026-01-05")
ROWS = {"AAPL": "1.5,2,1.25,1.75,100", "MSFT": "3,4,2.5,3.25,7"}


def daily(path: str, params: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Files of daily bars, as a vendor has them."""
    if path.endswith(".json"):
        names = ("open", "high", "low", "close", "volume")
        bars = [
            {"symbol": symbol, "date": day}
            | dict(zip(names, map(float, row.split(",")), strict=True))
            for symbol, row in ROWS.items()
            for day in DAYS
        ]
        text = json.dumps({"bars": bars}).replace("100.0", "100").replace("7.0", "7")
        return 200, {}, text
    row = ROWS[path.rpartition("/")[2].removesuffix(".csv")]
    return 200, {}, "Date,Open,High,Low,Close,Volume\n" + "".join(f"{day},{row}\n" for day in DAYS)


@pytest.mark.parametrize("name", ["daily_csv", "daily_json"])
def test_daily_files_by_url_are_candles(name):
    async def main():
        sink = Kept()
        async with Exchange(rest=daily) as exchange:
            text = shipped()[name].read_text(encoding="utf-8")
            text = text.replace("https://data.example", exchange.http)
            text = text.replace("symbols: [AAPL]", "symbols: [AAPL, MSFT]")
            spec = parse(text.replace("pause_s: 1\n", "pause_s: 0\n"), known())
            decoder = make(spec)
            connector = open_connector(spec, Around(None, symbols=decoder.names.asked))
            async with running(connector, sink):
                await until(lambda: len(sink.raw) == (2 if name == "daily_csv" else 1))
        found = [event for body in sink.raw for event in decoder.decode(body, NOW + 10**13)]
        assert [(each.symbol, each.open, each.close, each.volume) for each in found] == [
            ("AAPL", 15_000, 17_500, 100), ("AAPL", 15_000, 17_500, 100),
            ("MSFT", 30_000, 32_500, 7), ("MSFT", 30_000, 32_500, 7),
        ]  # fmt: skip
        assert (found[1].ts_us - found[0].ts_us) // 86_400_000_000 == 3
        assert found[1].sequence - found[0].sequence == 3

    asyncio.run(main())
