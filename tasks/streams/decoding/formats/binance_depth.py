"""Binance, spot and USD-M futures: the order book by a snapshot and what changed since.

Sources: developers.binance.com, "How to manage a local order book correctly", of spot and of
futures, which differ (read November 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tasks.streams.decoding import numerals
from tasks.streams.decoding.format import Format, joined
from tasks.streams.decoding.json_text import read, reader
from tasks.streams.decoding.port import Decoder, Enveloped
from tasks.streams.decoding.times import checked
from tasks.streams.event import Event, Malformed, Quote, Scales

if TYPE_CHECKING:
    from tasks.streams.decoding.history import History
    from tasks.streams.decoding.names import Names

MOST_LEVELS: Final = 20_000
"""Prices of one side; a book of more is not one."""
MOST_WAITING: Final = 5_000
"""Messages that are kept while a snapshot is waited for."""

Levels = list[tuple[int, int]]


class Change(msgspec.Struct):
    """What changed: from `U` to `u`; `pu`, of futures, is the `u` before."""

    e: str = ""
    E: int = 0
    s: str = ""
    U: int = -1
    u: int = -1
    pu: int = -1
    b: list[tuple[str, str]] = []
    a: list[tuple[str, str]] = []
    data: msgspec.Raw = msgspec.Raw()
    symbol: str = ""
    answer: str = ""
    id: int | str | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
    code: int = 0


class State(msgspec.Struct):
    """A snapshot."""

    lastUpdateId: int  # noqa: N815 - their name
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]


class Step(msgspec.Struct):
    """A change, its numbers read."""

    first: int
    last: int
    before: int
    bids: Levels
    asks: Levels


class Book(msgspec.Struct):
    """The book of one symbol; `last` is -1 while a snapshot is waited for."""

    last: int = -1
    fresh: bool = False
    """Nothing was applied to the snapshot yet."""
    bids: dict[int, int] = {}
    asks: dict[int, int] = {}
    ts_us: int = 0
    """When the newest change was, by the exchange's clock; a snapshot does not say when it was."""
    waiting: list[Step] = []
    best: tuple[int, int, int, int] = (0, 0, 0, 0)


_CHANGE = msgspec.json.Decoder(Change)


class Depth(Decoder):
    """Tells the best prices each time they change; what is known of a book is kept."""

    futures = False

    def __init__(self, names: Names, scales: Scales, history: History | None = None) -> None:
        super().__init__(names, scales, history)
        self._books: dict[str, Book] = {}

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read a change, or a snapshot that was asked for."""
        told = read(_CHANGE, body)
        if bytes(told.data):
            told = read(_CHANGE, bytes(told.data))
        if told.answer:
            return self._snapshot(Enveloped(told.symbol, told.answer), arrival_us)
        if not told.e:
            return _of_the_line(told)
        if told.e != "depthUpdate":
            return []
        symbol = self.names.ours(told.s)
        if symbol is None:
            return []
        step, ts_us = self._step(told), checked(told.E * 1_000, arrival_us)
        book = self._books.setdefault(symbol, Book())
        book.ts_us = max(book.ts_us, ts_us)
        if book.last < 0:
            _wait(book, step)
            return []
        self._apply(book, step)
        return self._told(symbol, book, ts_us, arrival_us)

    def _step(self, told: Change) -> Step:
        first, last = numerals.sequence(told.U), numerals.sequence(told.u)
        if first > last:
            raise Malformed("sequence", "a change that ends before it begins")
        return Step(first, last, told.pu, self._levels(told.b), self._levels(told.a))

    def _levels(self, told: list[tuple[str, str]]) -> Levels:
        if len(told) > MOST_LEVELS:
            raise Malformed("range", "more prices than a book has")
        places = self.scales
        return [
            (numerals.price(price, places.price_decimals), numerals.size(n, places.size_decimals))
            for price, n in told
        ]

    def _snapshot(self, told: Enveloped, arrival_us: int) -> list[Event]:
        symbol = self.names.ours(told.symbol)
        if symbol is None:
            return []
        state = read(reader(State), told.answer.encode("utf-8", "replace"))
        last = numerals.sequence(state.lastUpdateId)
        bids, asks = self._levels(state.bids), self._levels(state.asks)
        book = self._books.setdefault(symbol, Book())
        if last <= book.last:
            return []
        waiting, book.waiting = book.waiting, []
        book.last, book.fresh = last, True
        book.bids = {price: size for price, size in bids if size}
        book.asks = {price: size for price, size in asks if size}
        for step in waiting:
            self._apply(book, step)
        return self._told(symbol, book, book.ts_us or arrival_us, arrival_us)

    def _apply(self, book: Book, step: Step) -> None:
        """Apply what follows, pass over what is old; where something is missing, begin anew."""
        if book.last < 0:
            _wait(book, step)
            return
        old = step.last < book.last if self.futures and book.fresh else step.last <= book.last
        if old:
            return
        if not self._follows(book, step):
            book.last, book.bids, book.asks, book.best = -1, {}, {}, (0, 0, 0, 0)
            _wait(book, step)
            return
        for side, levels in ((book.bids, step.bids), (book.asks, step.asks)):
            for price, size in levels:
                if size:
                    side[price] = size
                else:
                    side.pop(price, None)
        book.last, book.fresh = step.last, False
        if max(len(book.bids), len(book.asks)) > MOST_LEVELS:
            book.bids = dict(sorted(book.bids.items(), reverse=True)[: MOST_LEVELS // 2])
            book.asks = dict(sorted(book.asks.items())[: MOST_LEVELS // 2])

    def _follows(self, book: Book, step: Step) -> bool:
        if self.futures:
            return step.first <= book.last if book.fresh else step.before == book.last
        return step.first <= book.last + 1 if book.fresh else step.first == book.last + 1

    def _told(self, symbol: str, book: Book, ts_us: int, arrival_us: int) -> list[Event]:
        if book.last < 0 or not book.bids or not book.asks:
            return []
        bid, ask = max(book.bids), min(book.asks)
        best = (bid, book.bids[bid], ask, book.asks[ask])
        if best == book.best:
            return []
        book.best = best
        return [Quote(symbol, ts_us, arrival_us, *best, book.last)]

    def opened(self) -> None:
        """Begin anew: a new line follows no old one."""
        self._books = {}

    def wants(self) -> list[str]:
        """Name the symbols whose book waits for a snapshot."""
        lost = (ours for ours, book in self._books.items() if book.last < 0)
        return [self.names.theirs(ours) for ours in lost]

    def freeze(self) -> bytes:
        """Return the books."""
        return msgspec.msgpack.encode(self._books)

    def thaw(self, state: bytes) -> None:
        """Go on from there."""
        try:
            self._books = msgspec.msgpack.decode(state, type=dict[str, Book])
        except (msgspec.DecodeError, RecursionError) as error:
            raise Malformed("state", str(error)) from None


class FuturesDepth(Depth):
    """The same for futures, whose messages name the one before."""

    futures = True


def _wait(book: Book, step: Step) -> None:
    book.waiting.append(step)
    if len(book.waiting) > MOST_WAITING:
        del book.waiting[: MOST_WAITING // 2]


def _of_the_line(told: Change) -> list[Event]:
    if bytes(told.error) or told.code:
        raise Malformed("error", "the exchange refuses")
    if bytes(told.result):
        return []
    raise Malformed("shape", "neither an event nor an answer")


_WRITTEN: Final = joined("")
FORMATS: Final = (
    Format("binance_depth", "spot, best prices by the order book", Depth, None, _WRITTEN),
    Format(
        "binance_usdm_depth", "USD-M futures, best prices by the order book", FuturesDepth, None,
        _WRITTEN,
    ),
)  # fmt: skip
