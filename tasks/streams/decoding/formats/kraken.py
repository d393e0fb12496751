"""Kraken, WebSocket v2: trades and candles.

Sources: docs.kraken.com, "Spot WebSocket v2: trade, ohlc", "Spot REST: OHLC data, recent trades"
(read November 2026). Numbers are JSON numbers, and are read as they are written.
"""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec

from tasks.streams.decoding import numerals
from tasks.streams.decoding.candles import Prices, RunningCandles, candle
from tasks.streams.decoding.format import Format, joined
from tasks.streams.decoding.history import DAY_US, HOUR_US, MINUTE_US, Ask, History, Page, Request
from tasks.streams.decoding.json_text import read, reader, text_of
from tasks.streams.decoding.port import Decoder
from tasks.streams.decoding.times import from_iso, from_number
from tasks.streams.event import Candle, Event, Malformed, Scales, Trade

OF_TAKER: Final = {"buy": 1, "sell": -1, "b": 1, "s": -1}
OF_THE_LINE: Final = frozenset({"heartbeat", "status"})
OLD_NAMES: Final = {"BTC": "XBT", "DOGE": "XDG"}
"""What the REST interface calls two coins."""
KEPT: Final = 720
"""Candles that the history keeps."""


class Message(msgspec.Struct):
    """A message: of a channel, or the answer to a method."""

    channel: str = ""
    method: str = ""
    error: str = ""
    data: msgspec.Raw = msgspec.Raw()


class Told(msgspec.Struct):
    """A trade."""

    symbol: str
    side: str
    price: msgspec.Raw
    qty: msgspec.Raw
    trade_id: int
    timestamp: str


class Running(msgspec.Struct):
    """A candle as it stands now; `interval` in minutes."""

    symbol: str
    open: msgspec.Raw
    high: msgspec.Raw
    low: msgspec.Raw
    close: msgspec.Raw
    volume: msgspec.Raw
    interval_begin: str
    interval: int


_MESSAGE = msgspec.json.Decoder(Message)


def _data_of(body: bytes, channel: str) -> bytes | None:
    """Return the data of a channel's message; none if it is of the line."""
    told = read(_MESSAGE, body)
    if told.error:
        raise Malformed("error", "the exchange refuses")
    if told.channel == channel and bytes(told.data):
        return bytes(told.data)
    if told.method or told.channel in OF_THE_LINE:
        return None
    raise Malformed("shape", "neither data nor of the line")


class Trades(Decoder):
    """Trades, counted symbol by symbol."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read trades."""
        data = _data_of(body, "trade")
        if data is None:
            return []
        found = [self._trade(each, arrival_us) for each in read(reader(list[Told]), data)]
        return [each for each in found if each is not None]

    def _trade(self, told: Told, arrival_us: int) -> Trade | None:
        symbol = self.names.ours(told.symbol)
        if symbol is None:
            return None
        return Trade(
            symbol,
            from_iso(told.timestamp, arrival_us),
            arrival_us,
            numerals.price(text_of(told.price), self.scales.price_decimals),
            numerals.size(text_of(told.qty), self.scales.size_decimals),
            numerals.sequence(told.trade_id),
            _side(told.side),
        )


def _side(written: str) -> int:
    if written not in OF_TAKER:
        raise Malformed("side", "neither buy nor sell")
    return OF_TAKER[written]


class Candles(RunningCandles):
    """Candles of any length that was subscribed to."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read candles; return those that are over."""
        data = _data_of(body, "ohlc")
        if data is None:
            return []
        running = [self._candle(each, arrival_us) for each in read(reader(list[Running]), data)]
        return self.take([each for each in running if each is not None], arrival_us)

    def _candle(self, told: Running, arrival_us: int) -> Candle | None:
        symbol = self.names.ours(told.symbol)
        if symbol is None:
            return None
        if not 0 < told.interval <= 100_000:
            raise Malformed("candle", "a candle of no length")
        numbers = (told.open, told.high, told.low, told.close, told.volume)
        return candle(
            symbol, Prices(*map(text_of, numbers)), self.scales,
            start_us=from_iso(told.interval_begin, arrival_us),
            every_us=told.interval * MINUTE_US, arrival_us=arrival_us,
        )  # fmt: skip


class Answer(msgspec.Struct):
    """An answer of the REST interface."""

    error: list[str]
    result: dict[str, msgspec.Raw] = {}


class SpotHistory(History):
    """Kraken's history: the last 720 candles of a length, and trades from a time on."""

    name = "kraken"
    url = "https://api.kraken.com"
    every: ClassVar = {
        MINUTE_US: "1", 5 * MINUTE_US: "5", 15 * MINUTE_US: "15", 30 * MINUTE_US: "30",
        HOUR_US: "60", DAY_US: "1440",
    }  # fmt: skip
    page = KEPT
    trades = True
    pause_s = 1.1
    about = "a request a second; of candles only the last 720 are kept"

    def request(self, ask: Ask, theirs: str) -> Request:
        """Ask for candles, or trades, from a time on."""
        coins = [OLD_NAMES.get(coin, coin) for coin in theirs.split("/")]
        pair = {"pair": "".join(coins)}
        if ask.what == "trades":
            since = {"since": str(max(ask.start_us - 1, 0) * 1_000), "count": "1000"}
            return Request("/0/public/Trades", pair | since)
        since = {"since": str(ask.start_us // 1_000_000 - 1)}
        return Request("/0/public/OHLC", pair | {"interval": self.every[ask.every_us]} | since)

    def read(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        """Read candles, or trades."""
        told = read(reader(Answer), body)
        if told.error:
            raise Malformed("error", "the exchange refuses")
        lists = [bytes(raw) for key, raw in told.result.items() if key != "last"]
        if len(lists) != 1:
            raise Malformed("shape", "not one pair")
        rows = read(reader(list[tuple[msgspec.Raw, ...]]), lists[0])
        if ask.what == "trades":
            return self._trades(ask, rows, arrival_us, decoder.scales)
        return Page([_old_candle(row, ask, arrival_us, decoder.scales) for row in rows], None)

    def _trades(
        self, ask: Ask, rows: list[tuple[msgspec.Raw, ...]], arrival_us: int, scales: Scales
    ) -> Page:
        found = [_old_trade(row, ask.symbol, arrival_us, scales) for row in rows]
        if not found or found[-1].sequence >= ask.last or found[-1].ts_us <= ask.start_us:
            return Page(found, None)
        return Page(found, msgspec.structs.replace(ask, start_us=found[-1].ts_us))


def _old_candle(row: tuple[msgspec.Raw, ...], ask: Ask, arrival_us: int, scales: Scales) -> Candle:
    if len(row) < 7:
        raise Malformed("shape", "a candle of less than seven numbers")
    start, first, high, low, last, _, volume = (text_of(each) for each in row[:7])
    return candle(
        ask.symbol, Prices(first, high, low, last, volume), scales,
        start_us=from_number(start, "s", arrival_us), every_us=ask.every_us,
        arrival_us=arrival_us,
    )  # fmt: skip


def _old_trade(row: tuple[msgspec.Raw, ...], symbol: str, arrival_us: int, scales: Scales) -> Trade:
    if len(row) < 7:
        raise Malformed("shape", "a trade of less than seven values")
    price, size, when, side = (text_of(each) for each in row[:4])
    return Trade(
        symbol,
        from_number(when, "s", arrival_us),
        arrival_us,
        numerals.price(price, scales.price_decimals),
        numerals.size(size, scales.size_decimals),
        numerals.sequence_text(text_of(row[6])),
        _side(side),
    )


_WRITTEN: Final = joined("/")
FORMATS: Final = (
    Format("kraken_trades", "spot trades", Trades, SpotHistory, _WRITTEN),
    Format("kraken_candles", "spot candles", Candles, SpotHistory, _WRITTEN, of_candles=True),
)
