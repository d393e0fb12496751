"""Coinbase: trades of Coinbase Exchange, candles of Advanced Trade, and the Exchange's history.

Sources: docs.cdp.coinbase.com, "Exchange WebSocket channels" (matches), "Advanced Trade WebSocket
channels" (candles), "Exchange REST: product candles, product trades" (read November 2026).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Final

import msgspec

from tasks.streams.decoding import numerals
from tasks.streams.decoding.candles import Prices, RunningCandles, candle
from tasks.streams.decoding.format import Format, joined
from tasks.streams.decoding.history import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    SECOND_US,
    Ask,
    History,
    Page,
    Request,
)
from tasks.streams.decoding.json_text import read, reader, text_of
from tasks.streams.decoding.port import Decoder
from tasks.streams.decoding.times import from_iso, from_number
from tasks.streams.event import Candle, Event, Malformed, Trade

FIVE_MINUTES_US: Final = 5 * MINUTE_US
OF_MAKER: Final = {"buy": -1, "sell": 1}
"""`side` is that of the order that waited."""
MATCHES: Final = frozenset({"match", "last_match"})
OF_THE_LINE: Final = frozenset({"subscriptions", "heartbeat", "heartbeats", "status"})


class Match(msgspec.Struct):
    """A message of the Exchange's feed."""

    type: str
    trade_id: int = -1
    time: str = ""
    product_id: str = ""
    size: str = ""
    price: str = ""
    side: str = ""


_MATCH = msgspec.json.Decoder(Match)


class Trades(Decoder):
    """Trades, counted product by product."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read a trade."""
        told = read(_MATCH, body)
        if told.type not in MATCHES:
            if told.type == "error":
                raise Malformed("error", "the exchange refuses")
            return _nothing(told.type)
        symbol = self.names.ours(told.product_id)
        return [] if symbol is None else [_trade(told, symbol, arrival_us, self)]


def _trade(told: Match, symbol: str, arrival_us: int, decoder: Decoder) -> Trade:
    if told.side not in OF_MAKER:
        raise Malformed("side", "neither buy nor sell")
    return Trade(
        symbol,
        from_iso(told.time, arrival_us),
        arrival_us,
        numerals.price(told.price, decoder.scales.price_decimals),
        numerals.size(told.size, decoder.scales.size_decimals),
        numerals.sequence(told.trade_id),
        OF_MAKER[told.side],
    )


def _nothing(kind: str) -> list[Event]:
    if kind not in OF_THE_LINE:
        raise Malformed("shape", "neither data nor of the line")
    return []


class Running(msgspec.Struct):
    """A candle as it stands now; it lasts five minutes."""

    start: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    product_id: str


class CandlesEvent(msgspec.Struct):
    """Candles that changed."""

    candles: list[Running] = []


class Channel(msgspec.Struct):
    """A message of Advanced Trade's feed."""

    channel: str = ""
    type: str = ""
    events: list[msgspec.Raw] = []


_CHANNEL = msgspec.json.Decoder(Channel)


class Candles(RunningCandles):
    """Candles of five minutes; the feed has no others."""

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read candles; return those that are over."""
        told = read(_CHANNEL, body)
        if told.type == "error":
            raise Malformed("error", "the exchange refuses")
        if told.channel != "candles":
            return _nothing(told.channel)
        events = [read(reader(CandlesEvent), bytes(each)) for each in told.events]
        running = [self._candle(each, arrival_us) for event in events for each in event.candles]
        return self.take([each for each in running if each is not None], arrival_us)

    def _candle(self, told: Running, arrival_us: int) -> Candle | None:
        symbol = self.names.ours(told.product_id)
        if symbol is None:
            return None
        prices = Prices(told.open, told.high, told.low, told.close, told.volume)
        return candle(
            symbol, prices, self.scales, start_us=from_number(told.start, "s", arrival_us),
            every_us=FIVE_MINUTES_US, arrival_us=arrival_us,
        )  # fmt: skip


class ExchangeHistory(History):
    """Coinbase Exchange's history, newest first within an answer."""

    name = "coinbase"
    url = "https://api.exchange.coinbase.com"
    every: ClassVar = {
        MINUTE_US: "60", 5 * MINUTE_US: "300", 15 * MINUTE_US: "900", HOUR_US: "3600",
        DAY_US: "86400",
    }  # fmt: skip
    page = 300
    trades = True
    pause_s = 0.15
    about = "10 requests a second; a time without a trade has no candle"

    def request(self, ask: Ask, theirs: str) -> Request:
        """Ask for the candles of a time, or for trades before a number."""
        if ask.what == "trades":
            params = {"limit": str(self.page), "after": str(ask.last + 1)}
            return Request(f"/products/{theirs}/trades", params)
        start, end = self.window(ask)
        last = end - ask.every_us  # the end counts as well
        return Request(f"/products/{theirs}/candles", {
            "granularity": self.every[ask.every_us], "start": _iso(start), "end": _iso(last),
        })  # fmt: skip

    def read(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        """Read candles, or trades."""
        if ask.what == "trades":
            return self._trades(ask, body, arrival_us, decoder)
        _, end = self.window(ask)
        rows = read(reader(list[tuple[msgspec.Raw, ...]]), body)
        events = [_old_candle(row, ask, arrival_us, decoder) for row in reversed(rows)]
        return Page(events, ask.after(end))

    def _trades(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        rows = read(reader(list[OldTrade]), body)
        found = [_trade(each.as_match(), ask.symbol, arrival_us, decoder) for each in rows]
        events = sorted(found, key=lambda trade: trade.sequence)
        return Page(events, ask.before(events[0].sequence) if events else None)


class OldTrade(msgspec.Struct):
    """A trade of the history."""

    trade_id: int
    time: str
    size: str
    price: str
    side: str

    def as_match(self) -> Match:
        """Return it as the feed would tell it."""
        return Match("match", self.trade_id, self.time, "", self.size, self.price, self.side)


def _old_candle(
    row: tuple[msgspec.Raw, ...], ask: Ask, arrival_us: int, decoder: Decoder
) -> Candle:
    if len(row) < 6:
        raise Malformed("shape", "a candle of less than six numbers")
    start, low, high, first, last, volume = (text_of(each) for each in row[:6])
    return candle(
        ask.symbol, Prices(first, high, low, last, volume), decoder.scales,
        start_us=from_number(start, "s", arrival_us), every_us=ask.every_us,
        arrival_us=arrival_us,
    )  # fmt: skip


def _iso(ts_us: int) -> str:
    return datetime.fromtimestamp(ts_us // SECOND_US, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_WRITTEN: Final = joined("-")
FORMATS: Final = (
    Format("coinbase_trades", "trades of Coinbase Exchange", Trades, ExchangeHistory, _WRITTEN),
    Format(
        "coinbase_candles", "candles of five minutes, of Advanced Trade", Candles, ExchangeHistory,
        _WRITTEN, of_candles=True,
    ),
)  # fmt: skip
