"""An address is asked again and again; what it answers is brought once for each change."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

from storage.connectors.asking import retry_after
from storage.connectors.poll import PollConnector
from storage.journal.record import Kind
from taskspecs.sources.connection import PollConnection
from tests.exchange.kept import Kept, running
from tests.exchange.server import Exchange, until

FAST = {"every_s": 0.02, "pause_s": 0.0, "backoff_s": (0.02, 0.1)}


def connector(exchange, path="/bars.csv", symbols=("AAPL", "MSFT"), **settings):
    settings = {"by": "poll", "url": f"{exchange.http}{path}"} | FAST | settings
    return PollConnector(PollConnection(**settings), symbols)


def test_an_answer_is_brought_once_for_each_change():
    answers = ["a", "a", "a", "b", "b"]

    def rest(path, params):
        return 200, {}, answers.pop(0) if len(answers) > 1 else answers[0]

    async def main():
        sink = Kept()
        async with Exchange(rest=rest) as exchange, running(connector(exchange), sink):
            await until(lambda: len(exchange.asked) > 8)
        assert sink.raw == [b"a", b"b"]
        assert [record.kind for record in sink.records[:1]] == [Kind.OPENED]

    asyncio.run(main())


def test_each_symbol_alone_stands_beside_its_answer():
    def rest(path, params):
        return (404, {}, "") if "msft" in path else (200, {}, f"of {path}")

    async def main():
        sink = Kept()
        async with Exchange(rest=rest) as exchange:
            made = connector(exchange, "/{symbol:lower}.csv", symbols=("MSFT", "AAPL"))
            async with running(made, sink):
                await until(lambda: sink.raw)
        assert json.loads(sink.raw[0]) == {"symbol": "AAPL", "answer": "of /aapl.csv"}

    asyncio.run(main())


def test_what_is_unchanged_is_not_sent_again():
    def rest(path, params):
        return 200, {"ETag": '"7"'}, "bars"

    async def main():
        async with Exchange(rest=rest) as exchange, running(connector(exchange), Kept()):
            await until(lambda: len(exchange.asked_with) > 1)
            assert exchange.asked_with[1]["If-None-Match"] == '"7"'

    asyncio.run(main())


def test_patience_that_is_asked_for_is_had():
    answers = [(429, {"Retry-After": "1"}, ""), (200, {}, "bars")]

    def rest(path, params):
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def main():
        sink = Kept()
        async with Exchange(rest=rest) as exchange, running(connector(exchange), sink):
            await until(lambda: sink.raw)
            assert exchange.asked_at[1] - exchange.asked_at[0] >= 0.99

    asyncio.run(main())


def test_answers_that_are_no_use_are_said_and_bring_nothing():
    def rest(path, params):
        return {
            "/large": (200, {}, "x" * 5_000),
            "/moved": (302, {"Location": "http://127.0.0.1:1/"}, ""),
            "/broken": (500, {}, "error"),
        }[path]

    async def main():
        async with Exchange(rest=rest) as exchange:
            for path, said in (("/large", "more than"), ("/moved", "302"), ("/broken", "500")):
                sink = Kept()
                made = connector(exchange, path, max_message_bytes=1_024)
                async with running(made, sink):
                    await until(lambda made=made: made.trouble)
                assert said in made.trouble
                assert sink.records == []

    asyncio.run(main())


def test_a_server_that_goes_away_is_a_record_and_comes_back():
    up = [True]

    def rest(path, params):
        return (200, {}, str(len(up))) if up[-1] else (503, {}, "")

    async def main():
        sink = Kept()
        async with Exchange(rest=rest) as exchange, running(connector(exchange), sink):
            await until(lambda: sink.raw)
            up.append(False)
            await until(lambda: sink.of(Kind.CLOSED))
            up.append(True)
            await until(lambda: len(sink.raw) == 2)
        kinds = [record.kind for record in sink.records if record.kind is not Kind.RAW]
        assert kinds == [Kind.OPENED, Kind.CLOSED, Kind.OPENED]

    asyncio.run(main())


def test_parameters_may_be_secrets(monkeypatch):
    monkeypatch.setenv("QRAFT_TEST_TOKEN", "k")

    async def main():
        sink = Kept()
        params = {"apikey": {"env": "QRAFT_TEST_TOKEN"}, "f": "json"}
        rest = lambda path, params: (500, {}, "")  # noqa: E731
        async with Exchange(rest=rest) as exchange:
            made = connector(exchange, params=params)
            async with running(made, sink):
                await until(lambda: made.trouble)
            assert exchange.asked[0][1] == {"apikey": "k", "f": "json"}
        assert "apikey" not in made.trouble

    asyncio.run(main())


def test_dates_to_come_back_are_understood():
    now = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC)
    assert retry_after("Mon, 30 Nov 2026 12:02:00 GMT", now) == 120
    assert retry_after("Mon, 30 Nov 2026 11:02:00 GMT", now) == 0
    assert retry_after("99999999999") == 86_400
    assert retry_after("٣") == 0
