"""Candles: of text, checked; and those whose end is only known by the next one's beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tasks.streams.decoding import numerals
from tasks.streams.decoding.json_text import read, reader
from tasks.streams.decoding.port import Decoder
from tasks.streams.decoding.times import checked
from tasks.streams.event import Candle, Malformed

if TYPE_CHECKING:
    from tasks.streams.decoding.history import History
    from tasks.streams.decoding.names import Names
    from tasks.streams.event import Event, Scales


class Prices(msgspec.Struct, frozen=True):
    """A candle's numbers as they are written; `amount` is empty where there is none."""

    open: str
    high: str
    low: str
    close: str
    volume: str
    amount: str = ""


def candle(
    symbol: str, told: Prices, scales: Scales, *, start_us: int, every_us: int, arrival_us: int
) -> Candle:
    """Make a candle.

    Parameters
    ----------
    start_us, every_us
        When it begins, and how long it is, in microseconds.

    Raises
    ------
    Malformed
        For what is wrong with its numbers; `candle` if they cannot be of one candle.
    """
    if every_us <= 0:
        raise Malformed("candle", "a candle that ends before it begins")
    places = scales.price_decimals
    first, high, low, last = (
        numerals.price(text, places) for text in (told.open, told.high, told.low, told.close)
    )
    if not (low <= first <= high and low <= last <= high):
        raise Malformed("candle", "open or close outside of high and low")
    end_us = checked(start_us, arrival_us) + every_us
    money = numerals.amount(told.amount, scales.amount_decimals) if told.amount else -1
    volume = numerals.size(told.volume, scales.size_decimals)
    number = end_us // every_us
    return Candle(symbol, end_us, arrival_us, first, high, low, last, volume, money, number)


class _Open(msgspec.Struct):
    """Of one symbol: the end of the last candle that was told, and the one under way."""

    told_us: int = 0
    candle: Candle | None = None


class RunningCandles(Decoder):
    """Reads candles that are told again and again while they last, and never that they are over.

    One is over when a later one of its symbol begins. What was under way when a line was lost is
    forgotten: a new line tells it again, or it is a gap.
    """

    def __init__(self, names: Names, scales: Scales, history: History | None = None) -> None:
        super().__init__(names, scales, history)
        self._open: dict[str, _Open] = {}

    def take(self, running: list[Candle], arrival_us: int) -> list[Event]:
        """Take candles as they stand now; return those that are over."""
        over: list[Event] = []
        for each in sorted(running, key=lambda candle: candle.ts_us):
            state = self._open.setdefault(each.symbol, _Open())
            before = state.candle
            if each.ts_us <= state.told_us or (before and each.ts_us < before.ts_us):
                continue
            if before and before.ts_us < each.ts_us:
                over.append(msgspec.structs.replace(before, arrival_us=arrival_us))
                state.told_us = before.ts_us
            state.candle = each
        return over

    def opened(self) -> None:
        """Forget the candles under way."""
        for state in self._open.values():
            state.candle = None

    def freeze(self) -> bytes:
        """Return the candles under way."""
        return msgspec.json.encode(self._open, order="sorted")

    def thaw(self, state: bytes) -> None:
        """Go on from there."""
        self._open = read(reader(dict[str, _Open]), state)
