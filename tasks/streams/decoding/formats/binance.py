"""Binance, spot and USD-M futures: trades and klines.

Sources: developers.binance.com, "Spot WebSocket Streams", "Spot Market Data endpoints", and "USDS
Margined Futures", market streams (read November 2026).
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
from tasks.streams.decoding.times import checked
from tasks.streams.event import Candle, Event, Malformed, Trade


class Kline(msgspec.Struct):
    """Begin and end in milliseconds, the end one short; whether it is over."""

    t: int
    T: int
    o: str
    h: str
    l: str  # noqa: E741 - their name
    c: str
    v: str
    q: str
    x: bool


class Message(msgspec.Struct):
    """A message of a stream, bare or within its combined form, or an answer to a subscription."""

    e: str = ""
    s: str = ""
    t: int = -1
    a: int = -1
    p: str = ""
    q: str = ""
    T: int = 0
    m: bool = False
    k: Kline | None = None
    data: msgspec.Raw = msgspec.Raw()
    id: int | str | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
    code: int = 0


_MESSAGE = msgspec.json.Decoder(Message)


def read_message(body: bytes) -> Message | None:
    """Read a message; none for the answer to a subscription.

    Raises
    ------
    Malformed
        `error` if the exchange refuses something.
    """
    told = read(_MESSAGE, body)
    if bytes(told.data):
        told = read(_MESSAGE, bytes(told.data))
    if told.e:
        return told
    if bytes(told.error) or told.code:
        raise Malformed("error", "the exchange refuses")
    if bytes(told.result):
        return None
    raise Malformed("shape", "neither an event nor an answer")


class Trades(Decoder):
    """Trades one by one (`@trade`), or those of one order at one price together (`@aggTrade`)."""

    event: ClassVar[str] = "trade"

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read a trade; `m` says that who bought had waited, so who took sold."""
        told = read_message(body)
        if told is None or told.e != self.event:
            return []
        symbol = self.names.ours(told.s)
        if symbol is None:
            return []
        scales = self.scales
        return [
            Trade(
                symbol,
                checked(told.T * 1_000, arrival_us),
                arrival_us,
                numerals.price(told.p, scales.price_decimals),
                numerals.size(told.q, scales.size_decimals),
                numerals.sequence(self.number(told)),
                -1 if told.m else 1,
            )
        ]

    def number(self, told: Message) -> int:
        """Return the number that the exchange counts its trades by."""
        return told.t


class AggregatedTrades(Trades):
    """Trades of one order at one price together."""

    event = "aggTrade"

    def number(self, told: Message) -> int:
        """Return the number of the trades together."""
        return told.a


class Klines(Decoder):
    """Candles; those under way are passed over."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read a candle that is over."""
        told = read_message(body)
        if told is None or told.e != "kline":
            return []
        if told.k is None:
            raise Malformed("shape", "a kline without one")
        symbol, each = self.names.ours(told.s), told.k
        if symbol is None or not each.x:
            return []
        prices = Prices(each.o, each.h, each.l, each.c, each.v, each.q)
        return [self._candle(symbol, each.t, each.T, prices, arrival_us)]

    def _candle(self, symbol: str, start: int, end: int, told: Prices, arrival_us: int) -> Candle:
        return candle(
            symbol, told, self.scales, start_us=start * 1_000, every_us=(end + 1 - start) * 1_000,
            arrival_us=arrival_us,
        )  # fmt: skip


class KlineRow(msgspec.Struct, array_like=True):
    """A candle of the history; what follows is left out."""

    t: int
    o: str
    h: str
    l: str  # noqa: E741 - as in the stream
    c: str
    v: str
    T: int
    q: str


class OldTrade(msgspec.Struct):
    """A trade of the history, or trades of one order together."""

    id: int = -1
    a: int = -1
    price: str = ""
    p: str = ""
    qty: str = ""
    q: str = ""
    time: int = 0
    T: int = 0
    isBuyerMaker: bool = False  # noqa: N815 - their name
    m: bool = False


class SpotHistory(History):
    """Binance's spot market."""

    name = "binance"
    url = "https://api.binance.com"
    every: ClassVar = {
        MINUTE_US: "1m", 5 * MINUTE_US: "5m", 15 * MINUTE_US: "15m", 30 * MINUTE_US: "30m",
        HOUR_US: "1h", DAY_US: "1d",
    }  # fmt: skip
    trades = True
    pause_s = 0.1
    about = "6,000 units of weight a minute; a request for candles weighs 2, for trades 25"
    klines: ClassVar[str] = "/api/v3/klines"
    old_trades: ClassVar[str] = "/api/v3/historicalTrades"

    def request(self, ask: Ask, theirs: str) -> Request:
        """Ask for candles from a time on, or trades from a number on."""
        if ask.what == "trades":
            number = {"fromId": str(ask.first), "limit": str(min(1_000, ask.last - ask.first + 1))}
            return Request(self.old_trades, {"symbol": theirs, **number})
        return Request(self.klines, {
            "symbol": theirs, "interval": self.every[ask.every_us], "limit": str(self.page),
            "startTime": str(ask.start_us // 1_000), "endTime": str(ask.end_us // 1_000 - 1),
        })  # fmt: skip

    def read(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        """Read candles, or trades."""
        if ask.what == "trades":
            return self._trades(ask, body, arrival_us, decoder)
        rows = read(reader(list[KlineRow]), body)
        events = [
            candle(
                ask.symbol, Prices(each.o, each.h, each.l, each.c, each.v, each.q), decoder.scales,
                start_us=each.t * 1_000, every_us=(each.T + 1 - each.t) * 1_000,
                arrival_us=arrival_us,
            )
            for each in rows
        ]  # fmt: skip
        full = len(rows) >= self.page
        return Page(events, ask.after(rows[-1].t * 1_000 + ask.every_us) if full else None)

    def _trades(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        rows = read(reader(list[OldTrade]), body)
        events = [_old_trade(each, ask.symbol, arrival_us, decoder) for each in rows]
        return Page(events, ask.beyond(events[-1].sequence) if events else None)


def _old_trade(each: OldTrade, symbol: str, arrival_us: int, decoder: Decoder) -> Trade:
    return Trade(
        symbol,
        checked((each.time or each.T) * 1_000, arrival_us),
        arrival_us,
        numerals.price(each.price or each.p, decoder.scales.price_decimals),
        numerals.size(each.qty or each.q, decoder.scales.size_decimals),
        numerals.sequence(max(each.id, each.a)),
        -1 if each.isBuyerMaker or each.m else 1,
    )


class FuturesHistory(SpotHistory):
    """Binance's USD-M futures."""

    name = "binance_usdm"
    url = "https://fapi.binance.com"
    pause_s = 0.3
    about = "2,400 units of weight a minute; a request for candles weighs 5, for trades 20"
    klines = "/fapi/v1/klines"
    old_trades = "/fapi/v1/aggTrades"


_WRITTEN: Final = joined("")
FORMATS: Final = (
    Format("binance_trades", "spot trades, one by one", Trades, SpotHistory, _WRITTEN),
    Format("binance_klines", "spot candles", Klines, SpotHistory, _WRITTEN, of_candles=True),
    Format(
        "binance_usdm_trades", "USD-M futures, trades of one order together", AggregatedTrades,
        FuturesHistory, _WRITTEN,
    ),
    Format(
        "binance_usdm_klines", "USD-M futures, candles", Klines, FuturesHistory, _WRITTEN,
        of_candles=True,
    ),
)  # fmt: skip
