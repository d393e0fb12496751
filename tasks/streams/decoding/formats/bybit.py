"""Bybit, version 5: trades and candles.

Sources: bybit-exchange.github.io/docs/v5, "WebSocket / Trade", "WebSocket / Kline", "Get Kline"
(read November 2026).
"""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec

from tasks.streams.decoding import numerals
from tasks.streams.decoding.candles import Prices, candle
from tasks.streams.decoding.format import Format, joined
from tasks.streams.decoding.history import DAY_US, HOUR_US, MINUTE_US, Ask, History, Page, Request
from tasks.streams.decoding.json_text import read, reader
from tasks.streams.decoding.port import Decoder
from tasks.streams.decoding.times import checked, from_number
from tasks.streams.event import Candle, Event, Malformed, Trade

OF_TAKER: Final = {"Buy": 1, "Sell": -1}
MOST_COUNTED: Final = 10**15
"""Of a trade's name the last fifteen digits count: more are no number to many a reader."""


class Message(msgspec.Struct):
    """A message: of a topic, or the answer to an operation of ours."""

    topic: str = ""
    op: str = ""
    success: bool = True
    data: msgspec.Raw = msgspec.Raw()


class Told(msgspec.Struct):
    """A trade; its name is a whole number in spot, and none elsewhere."""

    T: int
    s: str
    S: str
    v: str
    p: str
    i: str


class Kline(msgspec.Struct):
    """A candle; begin and end in milliseconds, the end one short."""

    start: int
    end: int
    open: str
    close: str
    high: str
    low: str
    volume: str
    turnover: str
    confirm: bool


_MESSAGE = msgspec.json.Decoder(Message)


def _told(body: bytes, topic: str) -> tuple[str, bytes] | None:
    """Return the topic's last word and the data; none if it is of the line, or another topic."""
    told = read(_MESSAGE, body)
    if not told.success:
        raise Malformed("error", "the exchange refuses")
    if told.topic.startswith(topic) and bytes(told.data):
        return told.topic.rpartition(".")[2], bytes(told.data)
    if told.topic or told.op:
        return None
    raise Malformed("shape", "neither data nor of the line")


class Trades(Decoder):
    """Trades one by one; their names are no count, so none is seen to be missing."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read trades."""
        told = _told(body, "publicTrade.")
        if told is None:
            return []
        found = [self._trade(each, arrival_us) for each in read(reader(list[Told]), told[1])]
        return [each for each in found if each is not None]

    def _trade(self, told: Told, arrival_us: int) -> Trade | None:
        symbol = self.names.ours(told.s)
        if symbol is None:
            return None
        if told.S not in OF_TAKER:
            raise Malformed("side", "neither Buy nor Sell")
        return Trade(
            symbol,
            checked(told.T * 1_000, arrival_us),
            arrival_us,
            numerals.price(told.p, self.scales.price_decimals),
            numerals.size(told.v, self.scales.size_decimals),
            numerals.sequence_text(told.i) % MOST_COUNTED if told.i.isdigit() else -1,
            OF_TAKER[told.S],
        )


class Klines(Decoder):
    """Candles; those under way are passed over."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read candles that are over."""
        told = _told(body, "kline.")
        if told is None:
            return []
        symbol = self.names.ours(told[0])
        rows = read(reader(list[Kline]), told[1])
        if symbol is None:
            return []
        return [self._candle(row, symbol, arrival_us) for row in rows if row.confirm]

    def _candle(self, row: Kline, symbol: str, arrival_us: int) -> Candle:
        prices = Prices(row.open, row.high, row.low, row.close, row.volume, row.turnover)
        return candle(
            symbol, prices, self.scales, start_us=row.start * 1_000,
            every_us=(row.end + 1 - row.start) * 1_000, arrival_us=arrival_us,
        )  # fmt: skip


class Row(msgspec.Struct, array_like=True):
    """A candle of the history."""

    start: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    turnover: str


class Result(msgspec.Struct):
    """Candles, newest first."""

    rows: list[Row] = msgspec.field(name="list", default_factory=list)


class Answer(msgspec.Struct):
    """An answer; `retCode` is 0 where all went well."""

    retCode: int  # noqa: N815 - their name
    result: msgspec.Raw


class SpotHistory(History):
    """Bybit's history of candles; trades are found only while they are recent, so not at all."""

    name = "bybit"
    url = "https://api.bybit.com"
    every: ClassVar = {
        MINUTE_US: "1", 5 * MINUTE_US: "5", 15 * MINUTE_US: "15", 30 * MINUTE_US: "30",
        HOUR_US: "60", DAY_US: "D",
    }  # fmt: skip
    pause_s = 0.05
    about = "600 requests in five seconds"

    def request(self, ask: Ask, theirs: str) -> Request:
        """Ask for the candles of a time."""
        start, end = self.window(ask)
        return Request("/v5/market/kline", {
            "category": "spot", "symbol": theirs, "interval": self.every[ask.every_us],
            "start": str(start // 1_000), "end": str(end // 1_000 - 1), "limit": str(self.page),
        })  # fmt: skip

    def read(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        """Read candles."""
        told = read(reader(Answer), body)
        if told.retCode:
            raise Malformed("error", "the exchange refuses")
        rows = read(reader(Result), bytes(told.result)).rows
        _, end = self.window(ask)
        events = [
            candle(
                ask.symbol, Prices(*msgspec.structs.astuple(row)[1:]), decoder.scales,
                start_us=from_number(row.start, "ms", arrival_us), every_us=ask.every_us,
                arrival_us=arrival_us,
            )
            for row in reversed(rows)
        ]  # fmt: skip
        return Page(events, ask.after(end))


_WRITTEN: Final = joined("")
FORMATS: Final = (
    Format("bybit_trades", "spot trades, one by one", Trades, SpotHistory, _WRITTEN),
    Format("bybit_candles", "spot candles", Klines, SpotHistory, _WRITTEN, of_candles=True),
)
