"""OKX, version 5: trades and candles.

Sources: okx.com/docs-v5, "WS / Trades channel", "WS / Candlesticks channel", "GET / Candlesticks
history", "GET / Trades history" (read November 2026).
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

import msgspec

from tasks.streams.decoding import numerals
from tasks.streams.decoding.candles import Prices, candle
from tasks.streams.decoding.format import Format, joined
from tasks.streams.decoding.history import DAY_US, HOUR_US, MINUTE_US, Ask, History, Page, Request
from tasks.streams.decoding.json_text import read, reader
from tasks.streams.decoding.port import Decoder
from tasks.streams.decoding.times import from_number
from tasks.streams.event import Candle, Event, Malformed, Scales, Trade

OF_TAKER: Final = {"buy": 1, "sell": -1}
PONG: Final = b"pong"
_CHANNEL: Final = re.compile(r"candle([1-9][0-9]?)([smHDW])(utc)?")
_LENGTHS: Final = {"s": 1_000_000, "m": MINUTE_US, "H": HOUR_US, "D": DAY_US, "W": 7 * DAY_US}


class Argument(msgspec.Struct):
    """What was subscribed to."""

    channel: str = ""
    instId: str = ""  # noqa: N815 - their name


class Message(msgspec.Struct):
    """A message."""

    arg: Argument | None = None
    event: str = ""
    data: msgspec.Raw = msgspec.Raw()


class Told(msgspec.Struct):
    """A trade, or several of one order at one price."""

    instId: str  # noqa: N815 - their name
    tradeId: str  # noqa: N815 - their name
    px: str
    sz: str
    side: str
    ts: str


class Row(msgspec.Struct, array_like=True):
    """A candle; `confirm` is `1` once it is over."""

    ts: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    base: str
    amount: str
    confirm: str


_MESSAGE = msgspec.json.Decoder(Message)


def _told(body: bytes) -> tuple[Argument, bytes] | None:
    """Return what a message is of, and its data; none if it is of the line."""
    if body == PONG:
        return None
    told = read(_MESSAGE, body)
    if told.event == "error":
        raise Malformed("error", "the exchange refuses")
    if told.event:
        return None
    if told.arg is None or not bytes(told.data):
        raise Malformed("shape", "neither data nor of the line")
    return told.arg, bytes(told.data)


class Trades(Decoder):
    """Trades of one order at one price together: their numbers grow, and not by one."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read trades."""
        told = _told(body)
        if told is None or not told[0].channel.startswith("trades"):
            return []
        found = []
        for each in read(reader(list[Told]), told[1]):
            symbol = self.names.ours(each.instId)
            if symbol is not None:
                found.append(_trade(each, symbol, arrival_us, self.scales))
        return list[Event](found)


def _trade(each: Told, symbol: str, arrival_us: int, scales: Scales) -> Trade:
    if each.side not in OF_TAKER:
        raise Malformed("side", "neither buy nor sell")
    return Trade(
        symbol,
        from_number(each.ts, "ms", arrival_us),
        arrival_us,
        numerals.price(each.px, scales.price_decimals),
        numerals.size(each.sz, scales.size_decimals),
        numerals.sequence_text(each.tradeId),
        OF_TAKER[each.side],
    )


class Candles(Decoder):
    """Candles; those under way are passed over."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read candles that are over."""
        told = _told(body)
        if told is None or not told[0].channel.startswith("candle"):
            return []
        symbol, every_us = self.names.ours(told[0].instId), _length(told[0].channel)
        rows = read(reader(list[Row]), told[1])
        if symbol is None:
            return []
        return [
            _candle(row, symbol, every_us, arrival_us, self.scales)
            for row in rows
            if row.confirm == "1"
        ]


def _length(channel: str) -> int:
    found = _CHANNEL.fullmatch(channel)
    if found is None:
        raise Malformed("candle", "candles of no fixed length")
    return int(found[1]) * _LENGTHS[found[2]]


def _candle(row: Row, symbol: str, every_us: int, arrival_us: int, scales: Scales) -> Candle:
    prices = Prices(row.open, row.high, row.low, row.close, row.volume, row.amount)
    start_us = from_number(row.ts, "ms", arrival_us)
    return candle(
        symbol, prices, scales, start_us=start_us, every_us=every_us, arrival_us=arrival_us
    )


class Answer(msgspec.Struct):
    """An answer of the REST interface; `code` is `0` where all went well."""

    code: str
    data: msgspec.Raw


class MarketHistory(History):
    """OKX's history, newest first within an answer."""

    name = "okx"
    url = "https://www.okx.com"
    every: ClassVar = {
        MINUTE_US: "1m", 5 * MINUTE_US: "5m", 15 * MINUTE_US: "15m", 30 * MINUTE_US: "30m",
        HOUR_US: "1H", DAY_US: "1Dutc",
    }  # fmt: skip
    page = 100
    trades = True
    pause_s = 0.12
    about = "20 requests in two seconds; trades of the last three months"

    def request(self, ask: Ask, theirs: str) -> Request:
        """Ask for the candles of a time, or for trades before a number."""
        if ask.what == "trades":
            params = {"instId": theirs, "type": "1", "after": str(ask.last + 1), "limit": "100"}
            return Request("/api/v5/market/history-trades", params)
        start, end = self.window(ask)
        return Request("/api/v5/market/history-candles", {
            "instId": theirs, "bar": self.every[ask.every_us], "limit": str(self.page),
            "before": str(start // 1_000 - 1), "after": str(end // 1_000),
        })  # fmt: skip

    def read(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        """Read candles, or trades."""
        told = read(reader(Answer), body)
        if told.code != "0":
            raise Malformed("error", "the exchange refuses")
        if ask.what == "trades":
            return self._trades(ask, bytes(told.data), arrival_us, decoder.scales)
        _, end = self.window(ask)
        rows = reversed(read(reader(list[Row]), bytes(told.data)))
        events = [
            _candle(row, ask.symbol, ask.every_us, arrival_us, decoder.scales)
            for row in rows
            if row.confirm == "1"
        ]
        return Page(events, ask.after(end))

    def _trades(self, ask: Ask, data: bytes, arrival_us: int, scales: Scales) -> Page:
        rows = read(reader(list[Told]), data)
        found = [_trade(each, ask.symbol, arrival_us, scales) for each in rows]
        events = sorted(found, key=lambda trade: trade.sequence)
        return Page(events, ask.before(events[0].sequence) if events else None)


_WRITTEN: Final = joined("-")
FORMATS: Final = (
    Format("okx_trades", "trades of one order together", Trades, MarketHistory, _WRITTEN),
    Format("okx_candles", "candles", Candles, MarketHistory, _WRITTEN, of_candles=True),
)
