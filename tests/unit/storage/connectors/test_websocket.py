"""A WebSocket is subscribed, watched, and made anew, whatever the other side does."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.errors import MissingSecret
from storage.connectors.backoff import Backoff
from storage.connectors.messages import subscriptions
from storage.connectors.websocket import WebSocketConnector
from storage.journal.record import Kind
from taskspecs.sources.connection import WebSocketConnection
from tests.exchange.kept import Kept, running
from tests.exchange.server import Exchange, quiet, until

FAST = {"backoff_s": (0.02, 0.1), "min_uptime_s": 5.0, "message_pause_s": 0.0}


def connector(exchange: Exchange, symbols=("BTCUSDT", "ETHUSDT"), **settings) -> WebSocketConnector:
    settings = {"by": "websocket", "url": f"{exchange.ws}/ws"} | FAST | settings
    return WebSocketConnector(WebSocketConnection(**settings), symbols)


def reasons(sink: Kept) -> list[str]:
    return [json.loads(body)["reason"] for body in sink.of(Kind.CLOSED)]


def test_it_subscribes_and_brings_messages_byte_by_byte():
    async def script(line, number):
        await line.send('{"e":"trade","p":"1.50"}')
        await line.send(b"\xff\xfe not text")
        await line.send("é" * 100_000)
        await line.wait_closed()

    async def main():
        sink = Kept()
        subscribe = ({"method": "SUBSCRIBE", "params": ["{symbols:lower}@trade"], "id": 1},)
        async with (
            Exchange(script) as exchange,
            running(connector(exchange, subscribe=subscribe), sink),
        ):
            await until(lambda: len(sink.raw) == 3 and exchange.heard)
        assert sink.records[0].kind is Kind.OPENED
        assert json.loads(sink.records[0].body)["place"] == exchange.ws
        assert sink.raw == [
            b'{"e":"trade","p":"1.50"}', b"\xff\xfe not text", ("é" * 100_000).encode()
        ]  # fmt: skip
        told = [json.loads(message) for message in exchange.heard]
        assert told == [
            {"method": "SUBSCRIBE", "params": ["btcusdt@trade", "ethusdt@trade"], "id": 1}
        ]

    asyncio.run(main())


def test_symbols_are_put_in_as_each_exchange_wants_them():
    def said(message, at_once=2):
        return list(subscriptions([message], ["A", "B", "C"], at_once))

    assert said({"op": "s", "args": [{"channel": "t", "instId": "{symbols}"}]}) == [
        '{"op": "s", "args": [{"channel": "t", "instId": "A"}, {"channel": "t", "instId": "B"}]}',
        '{"op": "s", "args": [{"channel": "t", "instId": "C"}]}',
    ]
    assert said({"sub": "{symbol:lower}"}) == ['{"sub": "a"}', '{"sub": "b"}', '{"sub": "c"}']
    assert said("{symbols}", 3) == ["A,B,C"]
    assert said("ping") == ["ping"]


def test_a_line_that_is_cut_is_made_anew_and_subscribed_again():
    async def script(line, number):
        await line.send(str(number))
        if number < 4:
            line.transport.abort()
        await line.wait_closed()

    async def main():
        sink = Kept()
        async with (
            Exchange(script) as exchange,
            running(connector(exchange, subscribe=("hello {symbols}",)), sink),
        ):
            await until(lambda: len(exchange.handshakes) == 4 and exchange.heard)
            await until(lambda: b"4" in sink.raw)
        kinds = [record.kind for record in sink.records if record.kind is not Kind.RAW]
        assert kinds == [Kind.OPENED, Kind.CLOSED] * 3 + [Kind.OPENED]
        assert "hello BTCUSDT,ETHUSDT" in exchange.heard

    asyncio.run(main())


def test_a_frame_that_is_cut_short_brings_nothing_and_a_new_line():
    async def script(line, number):
        if number == 1:
            await line.send("whole")
            line.transport.write(b"\x81\x7e\x01\x00half of a fra")
            await asyncio.sleep(0.02)
            line.transport.close()
        else:
            await line.send("again")
        await line.wait_closed()

    async def main():
        sink = Kept()
        async with Exchange(script) as exchange, running(connector(exchange), sink):
            await until(lambda: b"again" in sink.raw)
        assert sink.raw == [b"whole", b"again"]

    asyncio.run(main())


def test_a_message_that_is_too_large_ends_the_line():
    async def script(line, number):
        await line.send("x" * 10_000 if number == 1 else "small")
        await line.wait_closed()

    async def main():
        sink = Kept()
        async with (
            Exchange(script) as exchange,
            running(connector(exchange, max_message_bytes=4_096), sink),
        ):
            await until(lambda: sink.raw)
        assert sink.raw == [b"small"]
        assert "1009" in reasons(sink)[0]

    asyncio.run(main())


@pytest.mark.parametrize("busy", [False, True], ids=["nothing", "heartbeats alone"])
def test_silence_is_noticed(busy):
    async def script(line, number):
        while busy:
            await line.send('{"channel":"heartbeat"}')
            await asyncio.sleep(0.02)
        await line.wait_closed()

    async def main():
        sink = Kept()
        settings = {"silent_s": 0.3, "not_data": ('"channel":"heartbeat"',)}
        async with (
            Exchange(script) as exchange,
            running(connector(exchange, **settings), sink),
        ):
            await until(lambda: len(exchange.handshakes) == 2)
        assert reasons(sink)[0] == "silent for 0.3 s"
        opened, closed = (
            next(r.arrival_us for r in sink.records if r.kind is kind)
            for kind in (Kind.OPENED, Kind.CLOSED)
        )
        assert closed - opened >= 290_000

    asyncio.run(main())


def test_a_line_that_is_half_open_is_given_up():
    async def script(line, number):
        line.transport.pause_reading()  # it answers nothing any more, pings neither
        await asyncio.sleep(0.6)

    async def main():
        sink = Kept()
        async with (
            Exchange(script) as exchange,
            running(connector(exchange, silent_s=0.2), sink),
        ):
            await until(lambda: len(exchange.handshakes) >= 2)
        assert reasons(sink)[0].startswith("silent")

    asyncio.run(main())


def test_a_server_that_accepts_and_closes_is_not_stormed():
    """Sixty seconds, twenty times faster: at most six lines."""

    async def script(line, number):
        await line.close()

    async def main():
        sink = Kept()
        settings = {"backoff_s": (1 / 20, 60 / 20), "min_uptime_s": 10 / 20}
        async with (
            Exchange(script) as exchange,
            running(connector(exchange, **settings), sink),
        ):
            await asyncio.sleep(60 / 20)
            assert 2 <= len(exchange.handshakes) <= 6

    asyncio.run(main())


@given(st.lists(st.floats(0, 1), min_size=10, max_size=10))
def test_at_most_six_tries_in_a_minute(draws):
    drawn = iter(draws)
    backoff = Backoff(1.0, 60.0, lambda: next(drawn))
    at, tries = 0.0, 0
    while at < 60:
        tries += 1
        at += backoff.wait_s()
    assert tries <= 6


def test_after_a_line_that_lived_the_next_is_made_at_once_and_patience_is_whole_again():
    backoff = Backoff(1.0, 60.0, lambda: 1.0)
    assert [backoff.wait_s() for _ in range(3)] == [1.25, 2.5, 5.0]
    assert backoff.wait_s(lived=True) < 1
    assert backoff.wait_s() == 1.25
    assert max(Backoff(1.0, 60.0).wait_s() for _ in range(2_000)) <= 75
    assert backoff.wait_s(asked_s=120) == 120
    assert backoff.wait_s(lived=True, asked_s=10**9) == 3_600


def test_a_refusal_that_asks_for_patience_gets_it():
    async def main():
        sink = Kept()
        refuse = lambda number: (429, {"Retry-After": "1"}) if number == 1 else None  # noqa: E731
        async with Exchange(quiet, refuse=refuse) as exchange:
            async with running(connector(exchange), sink):
                await until(lambda: len(exchange.handshakes) == 2)
            first, second = exchange.handshakes
            assert second - first >= 0.99
        assert sink.of(Kind.CLOSED) == []

    asyncio.run(main())


def test_a_line_is_renewed_before_the_exchange_ends_it():
    async def main():
        sink = Kept()
        settings = {"lifetime_s": 0.3, "min_uptime_s": 0.1}
        async with Exchange() as exchange, running(connector(exchange, **settings), sink):
            await until(lambda: len(exchange.handshakes) == 3)
        assert reasons(sink)[:2] == ["renewed", "renewed"]

    asyncio.run(main())


def test_a_heartbeat_is_sent():
    async def main():
        settings = {"heartbeat": {"every_s": 0.05, "message": {"op": "ping"}}}
        async with Exchange() as exchange, running(connector(exchange, **settings), Kept()):
            await until(lambda: exchange.heard.count('{"op": "ping"}') >= 3)

    asyncio.run(main())


def test_a_redirect_is_not_followed():
    async def main():
        async with Exchange() as elsewhere:
            refuse = lambda number: (302, {"Location": f"{elsewhere.ws}/"})  # noqa: E731
            async with Exchange(refuse=refuse) as exchange:
                made = connector(exchange)
                async with running(made, Kept()):
                    await until(lambda: len(exchange.handshakes) >= 2)
                assert made.trouble == "refused with 302"
            assert elsewhere.handshakes == []

    asyncio.run(main())


def test_a_snapshot_is_asked_for_until_it_is_there():
    answers = [(429, {"Retry-After": "0"}, ""), (200, {}, "x" * 2_000), (200, {}, '{"last":7}')]

    def rest(path, params):
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def main():
        sink = Kept()
        async with Exchange(rest=rest) as exchange:
            url = f"{exchange.http}/depth?symbol={{symbol}}&limit=5"
            snapshot = {"url": url, "after_s": 0, "pause_s": 0, "max_message_bytes": 1_024}
            async with running(connector(exchange, snapshot=snapshot), sink):
                await until(lambda: len(sink.raw) == 2)
            assert exchange.asked[0] == ("/depth", {"symbol": "BTCUSDT", "limit": "5"})
        assert [json.loads(body) for body in sink.raw] == [
            {"symbol": "BTCUSDT", "answer": '{"last":7}'},
            {"symbol": "ETHUSDT", "answer": '{"last":7}'},
        ]

    asyncio.run(main())


def test_secrets_come_from_the_environment_and_go_nowhere_else(monkeypatch):
    headers = {"Authorization": {"env": "QRAFT_TEST_TOKEN"}}

    async def main():
        sink = Kept()
        async with Exchange() as exchange:
            with pytest.raises(MissingSecret, match="QRAFT_TEST_TOKEN"):
                await connector(exchange, headers=headers).run(sink)
            monkeypatch.setenv("QRAFT_TEST_TOKEN", "only-for-them")
            async with running(connector(exchange, headers=headers), sink):
                await until(lambda: exchange.headers)
            assert exchange.headers[0]["Authorization"] == "only-for-them"
        assert "only-for-them" not in repr(sink.records)

    asyncio.run(main())


def test_a_disk_that_refuses_ends_the_connector():
    class Full(Kept):
        async def put(self, kind, body):
            raise MissingSecret("the disk is full")

    async def main():
        async with Exchange() as exchange:
            with pytest.raises(MissingSecret, match="full"):
                await connector(exchange).run(Full())

    asyncio.run(main())


@pytest.mark.parametrize("turns", range(12))
def test_to_be_cancelled_is_heeded_at_any_moment(turns):
    """Also while a line that was lost is being put away."""

    async def script(line, number):
        await line.send("1")
        line.transport.abort()

    async def main():
        sink = Kept()
        async with Exchange(script) as exchange:
            made = connector(exchange, heartbeat={"every_s": 1, "message": "ping"})
            task = asyncio.create_task(made.run(sink))
            await until(lambda: sink.raw)
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=20)
            assert done

    asyncio.run(main())
