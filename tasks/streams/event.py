"""What a message means: a trade or a candle of a symbol, numbers as scaled integers."""

from __future__ import annotations

from typing import Any, get_args

import msgspec


class Trade(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A trade.

    Attributes
    ----------
    symbol
        Our name.
    ts_us, arrival_us
        When it happened by the source's clock, and when it came here; microseconds since 1970, UTC.
    price, size
        Integers, of the source's decimals; see :class:`Scales`.
    sequence
        Grows with each event of its symbol; -1 where the source has none.
    side
        1 bought, -1 sold by the one who took; 0 unknown.
    """

    symbol: str
    ts_us: int
    arrival_us: int
    price: int
    size: int
    sequence: int = -1
    side: int = 0


class Candle(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A bar that the source made; `ts_us` is its end.

    `amount` is -1 where the source has none; `sequence` counts candles of this length since
    1970, so that one that is missing is a gap; -1 where they are of no fixed length.
    """

    symbol: str
    ts_us: int
    arrival_us: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    amount: int = -1
    sequence: int = -1


class Quote(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The best prices that are offered, each time one of them changes."""

    symbol: str
    ts_us: int
    arrival_us: int
    bid: int
    bid_size: int
    ask: int
    ask_size: int
    sequence: int = -1

    @property
    def price(self) -> int:
        """The price between the two."""
        return (self.bid + self.ask) // 2

    @property
    def size(self) -> int:
        """Nothing changed hands."""
        return 0

    @property
    def side(self) -> int:
        """Nobody took."""
        return 0


Event = Trade | Candle | Quote


class Scales(msgspec.Struct, frozen=True):
    """What the integers of a source's events are to be divided by: ten to the power of each."""

    price_decimals: int
    size_decimals: int
    amount_decimals: int = 0


def to_plain(event: Event) -> list[Any]:
    """Return an event as plain values."""
    return [type(event).__name__, *msgspec.structs.astuple(event)]


def from_plain(plain: list[Any]) -> Event:
    """Return what :func:`to_plain` was given."""
    kinds = {kind.__name__: kind for kind in get_args(Event)}
    made: Event = kinds[plain[0]](*plain[1:])
    return made


class Malformed(ValueError):
    """A message that means nothing: `reason` is one word, which is counted."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(said or reason)
        self.reason = reason
