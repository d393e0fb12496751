"""What is missing is asked of each exchange's history, and read by the same decoders."""

from __future__ import annotations

import asyncio
import json

import pytest

from tasks.sources.history import ask
from tasks.sources.history.asking import pages
from tasks.streams.decoding import known, make
from tasks.streams.decoding.formats import HISTORIES
from tasks.streams.decoding.history import Ask
from tasks.streams.event import Candle, Malformed, Trade
from taskspecs.sources.catalogue import shipped
from taskspecs.sources.load import load
from tests.exchange.histories import MINUTE_US, START_US, answering, numbers, trade
from tests.exchange.server import Exchange

NOW = START_US + 300 * 86_400_000_000
E8 = 100_000_000
TRADES = ("binance_trades", "binance_usdm_trades", "coinbase_trades", "kraken_trades", "okx_trades")
CANDLES = ("binance_klines", "binance_usdm_klines", "okx_candles", "bybit_candles",
           "kraken_candles", "coinbase_candles")  # fmt: skip


def source(name: str, exchange: Exchange):
    spec = load(shipped()[name], known())[0]
    return spec.model_copy(update={"history_url": exchange.http})


def history_of(name: str) -> str:
    return make(load(shipped()[name], known())[0]).history.name


def expected_trade(symbol: str, number: int) -> Trade:
    at, price, size, sold = trade(number)
    return Trade(
        symbol,
        at,
        NOW,
        round(float(price) * E8),
        round(float(size) * E8),
        number,
        -1 if sold else 1,
    )


@pytest.mark.parametrize("name", TRADES)
@pytest.mark.parametrize(("first", "last"), [(5_000, 5_000), (5_000, 5_130), (5_003, 6_207)])
def test_trades_that_are_missing_are_all_there_once(name, first, last, monkeypatch):
    monkeypatch.setattr(HISTORIES[history_of(name)], "pause_s", 0.0)

    async def main():
        async with Exchange(rest=answering(history_of(name))) as exchange:
            spec = source(name, exchange)
            symbol = spec.symbols[0]
            since, until = (trade(number)[0] for number in (first - 1, last + 1))
            bodies = await ask(spec, (symbol, first, last, since, until))
            found = [event for body in bodies for event in make(spec).answer(body, NOW)]
            assert sorted({each.sequence for each in found}) == list(range(first, last + 1))
            assert {each.sequence: each for each in found} == {
                number: expected_trade(symbol, number) for number in range(first, last + 1)
            }
            more = [json.loads(body)["more"] for body in bodies]
            assert more == [True] * (len(bodies) - 1) + [False]
            assert {json.loads(body)["asked"]["symbol"] for body in bodies} == {symbol}

    asyncio.run(main())


@pytest.mark.parametrize("name", CANDLES)
def test_candles_that_are_missing_are_all_there(name):
    every = 5 * MINUTE_US if name == "coinbase_candles" else MINUTE_US

    async def main():
        async with Exchange(rest=answering(history_of(name))) as exchange:
            spec = source(name, exchange)
            symbol, before = spec.symbols[0], START_US // every + 10
            want = (symbol, before + 1, before + 4, before * every, (before + 5) * every)
            bodies = await ask(spec, want)
            found = [event for body in bodies for event in make(spec).answer(body, NOW)]
            assert [each.sequence for each in found] == [before + step for step in (1, 2, 3, 4)]
            for each in found:
                assert isinstance(each, Candle)
                first, high, low, last, volume, _ = numbers(each.ts_us - every)
                told = (each.open, each.high, each.low, each.close, each.volume)
                assert told == tuple(round(float(t) * E8) for t in (first, high, low, last, volume))

    asyncio.run(main())


def test_a_history_that_does_not_answer_leaves_the_gap_and_says_so():
    said = []

    async def main():
        refusing = lambda path, params: (403, {}, "no")  # noqa: E731
        async with Exchange(rest=refusing) as exchange:
            spec = source("binance_trades", exchange)
            say = lambda message, level="info": said.append(message)  # noqa: E731
            assert await ask(spec, ("BTC-USDT", 5, 9, START_US, START_US + 1), say=say) == []

    asyncio.run(main())
    assert "403" in said[0]


def test_what_cannot_be_asked_for_is_not():
    spec = load(shipped()["bybit_trades"], known())[0]
    assert asyncio.run(ask(spec, ("BTC-USDT", 5, 9, START_US, START_US + 1))) == []
    klines = load(shipped()["binance_klines"], known())[0]
    assert asyncio.run(ask(klines, ("BTC-USDT", 5, 4, START_US, START_US + 1))) == []
    assert asyncio.run(ask(klines, ("BTC-USDT", 0, 4, START_US, START_US + 1))) == []


@pytest.mark.parametrize("name", [*TRADES, *CANDLES])
@pytest.mark.parametrize("answer", [
    "", "{", "[[1]]", '{"code":-1121,"msg":"Invalid symbol."}', '{"error":["EQuery:Unknown"]}',
    '{"code":"51001","msg":"no","data":[]}', '{"retCode":10001,"retMsg":"no","result":{}}', "null",
    "[" * 100_000, '{"message":"NotFound"}', '[["a","b","c","d","e","f","g"]]', '{"data":[[]]}',
])  # fmt: skip
def test_an_answer_that_means_nothing_is_malformed(name, answer):
    decoder = make(load(shipped()[name], known())[0])
    what = "trades" if name in TRADES else "candles"
    asked = {"symbol": "BTC-USDT", "what": what, "start_us": START_US, "end_us": NOW, "last": 9}
    for body in (
        json.dumps({"asked": asked, "more": False, "answer": answer}).encode(),
        answer.encode(),
        json.dumps({"asked": {"symbol": 3}, "answer": answer}).encode(),
    ):
        with pytest.raises(Malformed):
            decoder.answer(body, NOW)


def test_a_document_without_history_has_no_answers():
    decoder = make(load(shipped()["binance_depth"], known())[0])
    with pytest.raises(Malformed):
        decoder.answer(b'{"asked":{"symbol":"BTC-USDT"},"answer":"[]"}', NOW)


def test_candles_that_are_not_over_are_left_out():
    async def main():
        async with Exchange(rest=answering("binance")) as exchange:
            spec = source("binance_klines", exchange)
            now = START_US + 3 * MINUTE_US + 30_000_000
            asked = Ask("BTC-USDT", start_us=START_US, end_us=START_US + 10 * MINUTE_US)
            found = [
                event
                async for answered in pages(spec, make(spec), asked, now_us=lambda: now)
                for event in answered.page.events
            ]
            assert [each.ts_us for each in found] == [START_US + n * MINUTE_US for n in (1, 2, 3)]

    asyncio.run(main())
