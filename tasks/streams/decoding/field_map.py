"""Any source's messages, by a map from its fields to ours; a document is all that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tasks.streams.decoding import numerals
from tasks.streams.decoding.candles import Prices, candle
from tasks.streams.decoding.csv_rows import Rows
from tasks.streams.decoding.json_text import read_any
from tasks.streams.decoding.paths import ABSENT, text_at, value_at
from tasks.streams.decoding.port import Decoder
from tasks.streams.decoding.times import from_iso, from_number
from tasks.streams.event import Candle, Event, Malformed, Scales, Trade

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.streams.decoding.names import Names
    from taskspecs.sources.decoding import FieldMap, NumberField

SIDES: Final = {"buy": 1, "b": 1, "bid": 1, "sell": -1, "s": -1, "ask": -1}
OVER: Final = {"true": True, "1": True, "false": False, "0": False}
MOST_EVENTS: Final = 200_000
"""Events of one message."""
NUMBERS: Final = (
    ("price", ""), ("size", "0"), ("open", ""), ("high", ""), ("low", ""), ("close", ""),
    ("volume", "0"), ("amount", ""),
)  # fmt: skip
"""The fields that are numbers, and what stands for one that no document maps."""


class MappedFields(Decoder):
    """Reads events by a document's map of fields.

    Parameters
    ----------
    text
        ``json`` or ``csv``.
    each_alone
        The messages are answers to requests for one symbol, which stands beside them.
    every_us
        Of candles: how long one is, so that they are counted.
    """

    def __init__(
        self, names: Names, fields: FieldMap, *, text: str, each_alone: bool, every_us: int
    ) -> None:
        super().__init__(names, scales_of(fields))
        self._fields = fields
        self._text = text
        self._each_alone = each_alone
        self._every_us = every_us
        self._rows = Rows()
        self._only = [(value_at(path), value) for path, value in fields.only.items()]
        self._each = value_at(fields.each) if fields.each else None
        self._ts = text_at(fields.ts.path, "time")
        self._symbol = text_at(fields.symbol, "symbol") if fields.symbol else None
        self._sequence = text_at(fields.sequence, "sequence") if fields.sequence else None
        self._side = value_at(fields.side) if fields.side else None
        self._closed = value_at(fields.closed) if fields.closed else None
        self._get = {name: _number(getattr(fields, name), absent) for name, absent in NUMBERS}
        self._price, self._size = self._get["price"], self._get["size"]
        self._event = self._trade if fields.price is not None else self._candle

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read the events of a message."""
        alone, body = self._opened_envelope(body)
        found = []
        for member in self._members(body):
            if not self._is_meant(member):
                continue
            event = self._read(member, alone, arrival_us)
            if event is not None:
                found.append(event)
        return found

    def _is_meant(self, member: Any) -> bool:
        for find, value in self._only:  # noqa: SIM110 - a generator is slower, for each message
            if not _same(find(member), value):
                return False
        return True

    def _opened_envelope(self, body: bytes) -> tuple[str | None, bytes]:
        if not self._each_alone:
            return None, body
        told = read_any(body)
        if not isinstance(told, dict) or not isinstance(told.get("answer"), str):
            raise Malformed("shape", "an answer without the symbol that was asked for")
        return str(told.get("symbol", "")), told["answer"].encode("utf-8", "replace")

    def _members(self, body: bytes) -> Sequence[Any]:
        if self._text == "csv":
            return self._rows.read(body)
        told = read_any(body)
        if self._each is not None:
            told = self._each(told)
            if told is ABSENT:
                return ()
            if not isinstance(told, list):
                raise Malformed("shape", f"`{self._fields.each}` is no list")
        members = told if isinstance(told, list) else [told]
        if len(members) > MOST_EVENTS:
            raise Malformed("range", "more events than a message has")
        return members

    def _read(self, member: Any, alone: str | None, arrival_us: int) -> Event | None:
        theirs = self._symbol(member) if self._symbol else alone
        symbol = self.names.symbols[0] if theirs is None else self.names.ours(theirs)
        if symbol is None or (self._closed and not _over(self._closed(member))):
            return None
        return self._event(symbol, member, arrival_us)

    def _time(self, member: Any, arrival_us: int) -> int:
        told, unit = self._ts(member), self._fields.ts.unit
        return from_iso(told, arrival_us) if unit == "iso" else from_number(told, unit, arrival_us)

    def _count(self, member: Any) -> int:
        if self._sequence is None:
            return -1
        return numerals.sequence_text(self._sequence(member))

    def _trade(self, symbol: str, member: Any, arrival_us: int) -> Trade:
        scales = self.scales
        return Trade(
            symbol,
            self._time(member, arrival_us),
            arrival_us,
            numerals.price(self._price(member), scales.price_decimals),
            numerals.size(self._size(member), scales.size_decimals),
            self._count(member),
            _taker(self._side(member)) if self._side else 0,
        )

    def _candle(self, symbol: str, member: Any, arrival_us: int) -> Candle:
        names = ("open", "high", "low", "close", "volume", "amount")
        told = Prices(*(self._get[name](member) for name in names))
        told_us = self._time(member, arrival_us)
        start_us = told_us if self._fields.ts.of == "start" else told_us - self._every_us
        made = candle(
            symbol, told, self.scales, start_us=start_us, every_us=self._every_us,
            arrival_us=arrival_us,
        )  # fmt: skip
        if self._sequence is None:
            return made
        prices = made.open, made.high, made.low, made.close, made.volume, made.amount
        return Candle(symbol, made.ts_us, arrival_us, *prices, self._count(member))

    def freeze(self) -> bytes:
        """Return the heading of a CSV whose rows come one by one."""
        return self._rows.freeze()

    def thaw(self, state: bytes) -> None:
        """Go on from there."""
        self._rows.thaw(state)


def scales_of(fields: FieldMap) -> Scales:
    """Return what a map's numbers are multiplied by: of all its prices the most exact."""
    prices = (fields.price, fields.open, fields.high, fields.low, fields.close)
    sizes = (fields.size, fields.volume)
    return Scales(_most(prices), _most(sizes), _most((fields.amount,)))


def _most(fields: Sequence[NumberField | None]) -> int:
    return max((each.decimals for each in fields if each is not None), default=0)


def _number(field: NumberField | None, absent: str) -> Callable[[Any], str]:
    """Return what finds a number as it is written."""
    return (lambda _: absent) if field is None else text_at(field.path, "number")


def _same(value: Any, wanted: str | int | bool) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    return bool(value == wanted or (isinstance(value, str) and value == str(wanted)))


def _over(value: Any) -> bool:
    over = OVER.get(str(value).lower()) if isinstance(value, str | int) else None
    if over is None:
        raise Malformed("candle", "neither over nor under way")
    return over


def _taker(value: Any) -> int:
    side = SIDES.get(value.lower()) if isinstance(value, str) and len(value) < 8 else None
    if side is None:
        raise Malformed("side", "neither buy nor sell")
    return side
