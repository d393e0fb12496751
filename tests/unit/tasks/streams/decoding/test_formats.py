"""Each named format reads its exchange's messages as they are documented, to the last digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.streams.decoding import known, make
from tasks.streams.decoding.formats import FORMATS
from tasks.streams.event import Candle, Malformed, Quote, Trade
from taskspecs.sources.catalogue import shipped
from taskspecs.sources.load import load, parse

RECORDINGS = Path(__file__).parents[4] / "recordings"
NOW = 1_764_500_100_000_000
MINUTE = 60_000_000
E8 = 100_000_000


def messages(name: str) -> list[bytes]:
    return (RECORDINGS / f"{name}.jsonl").read_bytes().splitlines()


def decoder(name: str):
    return make(load(shipped()[name], known())[0])


def trade(symbol, ts_us, *numbers):
    return Trade(symbol, ts_us, NOW, *numbers)


def minute(end_us, *prices, amount=-1, symbol="BTC-USDT", every=MINUTE):
    return Candle(symbol, end_us, NOW, *prices, amount, end_us // every)


CANDLE = minute(
    1_764_500_040_000_000, 90_500 * E8, 90_520 * E8, 9_049_050_000_000, 90_513 * E8, 1_234_600_000,
    amount=11_173_596_364,
)  # fmt: skip
EXPECTED = {
    "binance_trades": [
        trade("BTC-USDT", 1764500000118000, 9_051_201_000_000, 120_000, 5400000001, -1),
        trade("ETH-USDT", 1764500000238000, 301_055_000_000, 150_000_000, 3100000007, 1),
        trade("BTC-USDT", 1764500001119000, 9_051_202_000_000, 10_000_000, 5400000002, 1),
    ],
    "binance_usdm_trades": [
        trade("BTC-USDT", 1764500000198000, 9_055_010_000_000, 25_000_000, 2900000001, -1),
        trade("BTC-USDT", 1764500000297000, 9_055_020_000_000, 100_000, 2900000002, 1),
    ],
    "binance_klines": [CANDLE],
    "binance_usdm_klines": [CANDLE],
    "binance_depth": [
        Quote(
            "BTC-USDT", 1764500000200000, NOW, 9_050_050_000_000, 40_000_000, 90_501 * E8, 2 * E8,
            163,
        ),
        Quote("BTC-USDT", 1764500000400000, NOW, 90_500 * E8, 150_000_000, 90_502 * E8, E8, 170),
    ],
    "binance_usdm_depth": [
        Quote(
            "BTC-USDT", 1764500000100000, NOW, 90_500 * E8, 150_000_000, 90_501 * E8, 2 * E8, 160
        ),
        Quote(
            "BTC-USDT", 1764500000200000, NOW, 9_050_050_000_000, 7 * E8, 90_501 * E8, 2 * E8, 170
        ),
    ],
    "coinbase_trades": [
        trade("BTC-USD", 1764499998000100, 90_400 * E8, 100_000, 910000009, -1),
        trade("BTC-USD", 1764500000028459, 9_040_023_000_000, 523_512_000, 910000010, 1),
    ],
    "coinbase_candles": [
        minute(1_764_499_500_000_000, 90_480 * E8, 90_520 * E8, 90_470 * E8, 90_500 * E8, E8,
               symbol="BTC-USD", every=5 * MINUTE),
        minute(1_764_499_800_000_000, 90_500 * E8, 90_511 * E8, 90_480 * E8, 90_511 * E8,
               400_000_001, symbol="BTC-USD", every=5 * MINUTE),
    ],
    "kraken_trades": [
        trade("BTC-USD", 1764499998708706, 9_041_010_000_000, 12_500, 70000001, 1),
        trade("BTC-USD", 1764500000637081, 90_410 * E8, 1_000, 70000002, -1),
        trade("BTC-USD", 1764500000637081, 9_040_990_000_000, 2 * E8, 70000003, -1),
    ],
    "kraken_candles": [
        minute(1_764_499_980_000_000, 9_040_010_000_000, 90_420 * E8, 90_390 * E8, 90_410 * E8,
               150_000_000, symbol="BTC-USD"),
        minute(1_764_500_040_000_000, 90_410 * E8, 9_041_250_000_000, 90_400 * E8,
               9_041_250_000_000, 50_000_000, symbol="BTC-USD"),
    ],
    "okx_trades": [
        trade("BTC-USDT", 1764500000897000, 9_051_990_000_000, 12_060_306, 830639474, 1),
        trade("BTC-USDT", 1764500001003000, 9_051_980_000_000, 50_000_000, 830639475, -1),
    ],
    "okx_candles": [CANDLE],
    "bybit_trades": [
        trade("BTC-USDT", 1764500000865000, 9_051_850_000_000, 100_000, 768683001, 1),
        trade("BTC-USDT", 1764500000866000, 9_051_849_000_000, 50_000_000, -1, -1),
    ],
    "bybit_candles": [CANDLE],
}  # fmt: skip


def test_every_format_has_a_document_and_a_recording():
    assert set(FORMATS) == set(EXPECTED)
    assert set(FORMATS) <= set(shipped())


@pytest.mark.parametrize("name", FORMATS)
def test_documented_messages_are_read_exactly(name):
    reads = decoder(name)
    assert [event for body in messages(name) for event in reads.decode(body, NOW)] == EXPECTED[name]


@pytest.mark.parametrize("name", FORMATS)
def test_a_decoder_goes_on_from_its_frozen_state_after_any_message(name):
    bodies = messages(name)
    for cut in range(len(bodies) + 1):
        first, second = decoder(name), decoder(name)
        told = [event for body in bodies[:cut] for event in first.decode(body, NOW)]
        second.thaw(first.freeze())
        told += [event for body in bodies[cut:] for event in second.decode(body, NOW)]
        assert told == EXPECTED[name]
        assert second.freeze() == _whole(name).freeze()


def _whole(name):
    reads = decoder(name)
    for body in messages(name):
        reads.decode(body, NOW)
    return reads


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("state", [b"\xff\xfe", b"{", b"[1]", b'{"BTC-USDT": 1}'])
def test_a_state_that_is_none_is_refused(name, state):
    with pytest.raises(Malformed):
        decoder(name).thaw(state)


REFUSALS = {
    "binance": b'{"error":{"code":2,"msg":"Invalid request"},"id":1}',
    "coinbase": b'{"type":"error","message":"Failed to subscribe","reason":"no such product"}',
    "kraken": b'{"error":"Currency pair not supported A/B","method":"subscribe","success":false}',
    "okx": b'{"event":"error","code":"60012","msg":"Invalid request","connId":"a4d3ae55"}',
    "bybit": b'{"success":false,"ret_msg":"error:handler not found","op":"subscribe"}',
}


@pytest.mark.parametrize("name", FORMATS)
def test_an_exchange_that_refuses_is_counted(name):
    with pytest.raises(Malformed) as caught:
        decoder(name).decode(REFUSALS[name.partition("_")[0]], NOW)
    assert caught.value.reason == "error"


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_not_asked_for_is_passed_over(name):
    reads = decoder(name)
    changed = [body.replace(b"BTC", b"DOGE").replace(b"ETH", b"SHIB") for body in messages(name)]
    assert [event for body in changed for event in reads.decode(body, NOW)] == []


def test_digits_are_a_documents_choice():
    text = shipped()["binance_trades"].read_text(encoding="utf-8")
    spec = parse(
        text.replace(
            "{format: binance_trades}",
            "{format: binance_trades, price_decimals: 2, size_decimals: 4}",
        )
    )
    reads = make(spec)
    body = messages("binance_trades")[1]
    assert reads.decode(body, NOW)[0].price == 9051201
    assert reads.scales.price_decimals == 2
    with pytest.raises(Malformed) as caught:
        reads.decode(body.replace(b"90512.01000000", b"90512.01500000"), NOW)
    assert caught.value.reason == "decimals"
