"""Histories as the exchanges' REST interfaces answer: the same market, in the words of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

START_US = 1_767_225_600_000_000  # 2026-01-01
MINUTE_US = 60_000_000
LENGTHS = {
    "1m": 1, "5m": 5, "1h": 60, "1d": 1440, "1H": 60, "1Dutc": 1440, "1": 1, "5": 5, "60": 60,
    "D": 1440,
}  # fmt: skip


def numbers(start_us: int) -> tuple[str, str, str, str, str, str]:
    """The candle that begins then: open, high, low, close, volume, amount."""
    step = start_us // MINUTE_US % 1_000
    low = 100 + step / 100
    prices = (low + 0.5, low + 1, low, low + 0.25)
    volume = 1 + step % 10
    return (*(f"{price:.2f}" for price in prices), f"{volume}.125", f"{volume * 100}.5")


def trade(number: int) -> tuple[int, str, str, bool]:
    """A trade by its number: time in microseconds, price, size, whether the taker sold."""
    return (
        START_US + number * 1_000_000,
        f"{100 + number % 7}.25",
        f"0.{number % 9 + 1}",
        number % 2 == 0,
    )


def _starts(first_us: int, end_us: int, every_us: int, most: int) -> list[int]:
    first = max(-(-first_us // every_us) * every_us, START_US)
    return list(range(first, end_us, every_us))[:most]


def binance(path: str, params: dict[str, str]) -> Any:
    limit = min(int(params["limit"]), 1_000)
    if path.endswith("klines"):
        every = LENGTHS[params["interval"]] * MINUTE_US
        end = int(params["endTime"]) * 1_000 + 1_000
        return [
            [
                at // 1_000,
                *numbers(at)[:5],
                (at + every) // 1_000 - 1,
                numbers(at)[5],
                9,
                "1",
                "1",
                "0",
            ]
            for at in _starts(int(params["startTime"]) * 1_000, end, every, limit)
        ]
    first = int(params["fromId"])
    told = []
    for number in range(first, first + limit):
        at, price, size, sold = trade(number)
        if path.endswith("aggTrades"):
            told.append(
                {"a": number, "p": price, "q": size, "f": 1, "l": 1, "T": at // 1_000, "m": sold}
            )
        else:
            told.append({"id": number, "price": price, "qty": size, "quoteQty": "1",
                         "time": at // 1_000, "isBuyerMaker": sold})  # fmt: skip
    return told


def coinbase(path: str, params: dict[str, str]) -> Any:
    if path.endswith("trades"):
        last = int(params["after"]) - 1
        told = []
        for number in range(last, last - 100, -1):
            at, price, size, sold = trade(number)
            when = datetime.fromtimestamp(at / 1e6, UTC).isoformat().replace("+00:00", "Z")
            told.append({"trade_id": number, "side": "buy" if sold else "sell", "size": size,
                         "price": price, "time": when})  # fmt: skip
        return told
    every = int(params["granularity"]) * 1_000_000
    times = (datetime.fromisoformat(params[name]) for name in ("start", "end"))
    start, end = (round(when.timestamp()) * 1_000_000 for when in times)
    found = _starts(start, end + every, every, 10_000)
    assert len(found) <= 300, "more candles than are allowed"
    return [
        [at // 1_000_000, float(low), float(high), float(first), float(last), float(volume)]
        for at in reversed(found)
        for first, high, low, last, volume, _ in [numbers(at)]
    ]


def kraken(path: str, params: dict[str, str]) -> Any:
    assert params["pair"] in {"XBTUSD", "ETHUSD"}
    if path.endswith("Trades"):
        first = max(-(-(int(params["since"]) // 1_000 - START_US) // 1_000_000), 0)
        rows = []
        for number in range(first, first + 50):
            at, price, size, sold = trade(number)
            rows.append([price, size, at / 1e6, "s" if sold else "b", "m", "", number])
        return {"error": [], "result": {"XXBTZUSD": rows, "last": "1"}}
    every = int(params["interval"]) * MINUTE_US
    since = int(params["since"]) * 1_000_000
    rows = [
        [at // 1_000_000, first, high, low, last, last, volume, 3]
        for at in _starts(since + 1, since + 720 * every, every, 720)
        for first, high, low, last, volume, _ in [numbers(at)]
    ]
    return {"error": [], "result": {"XXBTZUSD": rows, "last": 1}}


def okx(path: str, params: dict[str, str]) -> Any:
    if path.endswith("history-trades"):
        last = int(params["after"]) - 1
        rows = []
        for number in range(last, last - 40, -1):
            at, price, size, sold = trade(number)
            rows.append({"instId": params["instId"], "side": "sell" if sold else "buy", "sz": size,
                         "px": price, "tradeId": str(number), "ts": str(at // 1_000)})  # fmt: skip
        return {"code": "0", "msg": "", "data": rows}
    every = LENGTHS[params["bar"]] * MINUTE_US
    before, after = (int(params[name]) * 1_000 for name in ("before", "after"))
    found = _starts(before + 1, after, every, 10_000)
    assert len(found) <= 100, "more candles than are allowed"
    rows = [
        [str(at // 1_000), *numbers(at)[:5], numbers(at)[5], numbers(at)[5], "1"]
        for at in reversed(found)
    ]
    return {"code": "0", "msg": "", "data": rows}


def bybit(path: str, params: dict[str, str]) -> Any:
    every = LENGTHS[params["interval"]] * MINUTE_US
    start, end = (int(params[name]) * 1_000 for name in ("start", "end"))
    found = _starts(start, end + 1, every, 1_000)
    rows = [[str(at // 1_000), *numbers(at)] for at in reversed(found)]
    result = {"category": "spot", "symbol": params["symbol"], "list": rows}
    return {"retCode": 0, "retMsg": "OK", "result": result, "time": 1}


HISTORIES: dict[str, Callable[[str, dict[str, str]], Any]] = {
    "binance": binance, "binance_usdm": binance, "coinbase": coinbase, "kraken": kraken, "okx": okx,
    "bybit": bybit,
}  # fmt: skip


def answering(name: str) -> Callable[[str, dict[str, str]], tuple[int, dict[str, str], str]]:
    """What an exchange answers to requests."""

    def rest(path: str, params: dict[str, str]) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps(HISTORIES[name](path, params))

    return rest
