"""Sources of the tests: what they send, as records of a journal."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from storage.journal.record import Kind, Record
from tasks.streams.event import Event, Malformed, Scales, Trade
from taskspecs.sources.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BEGIN_US = 1_767_603_600_000_000
"""2026-01-05 09:00 UTC."""
SECOND_US = 1_000_000


FIELDS: dict[str, Any] = {
    "symbol": "s", "sequence": "n", "ts": {"path": "t", "unit": "us"},
    "price": {"path": "p", "decimals": 0}, "size": {"path": "q", "decimals": 0},
}  # fmt: skip
"""The same messages, by a map of fields."""


class PlainDecoder:
    """Reads `{"s", "n", "t", "p", "q"}`, whole numbers: symbol, number, time, price, size."""

    scales = Scales(price_decimals=2, size_decimals=3)

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        try:
            said = json.loads(body)
        except ValueError:
            raise Malformed("json") from None
        many = said if isinstance(said, list) else [said]
        return [
            Trade(one["s"], one["t"], arrival_us, one["p"], one["q"], one.get("n", -1))
            for one in many
        ]

    def answer(self, body: bytes, arrival_us: int) -> list[Event]:
        return self.decode(json.loads(body)["answer"].encode(), arrival_us)

    def opened(self) -> None:
        """Keeps nothing."""

    def freeze(self) -> bytes:
        return b""

    def thaw(self, state: bytes) -> None:
        assert state == b""


def make_decoder(_: SourceSpec) -> PlainDecoder:
    return PlainDecoder()


def source(**sections: Any) -> SourceSpec:
    """A source, with sections of its flow."""
    return SourceSpec.model_validate(
        {
            "name": "made",
            "connect": {"by": "websocket", "url": "ws://127.0.0.1:1/"},
            "decode": {"format": "plain"},
            **sections,
        }
    )


def message(trade: Trade) -> bytes:
    """What a source sends for a trade."""
    return json.dumps(
        {"s": trade.symbol, "n": trade.sequence, "t": trade.ts_us, "p": trade.price,
         "q": trade.size},
    ).encode()  # fmt: skip


def trades(
    count: int, *, symbols: int = 3, every_us: int = 400_000, seed: int = 0, numbered: bool = True
) -> list[Trade]:
    """Trades in the order of time, of several symbols in turn, as a random walk."""
    rng = np.random.default_rng(seed)
    prices = np.full(symbols, 10_000)
    numbers = [0] * symbols
    made = []
    for place in range(count):
        which = int(rng.integers(symbols))
        prices[which] = max(1, prices[which] + int(rng.integers(-9, 10)))
        numbers[which] += 1
        ts = BEGIN_US + place * every_us + int(rng.integers(every_us))
        made.append(
            Trade(f"S{which}", ts, 0, int(prices[which]), int(rng.integers(1, 5_000)),
                  numbers[which] if numbered else -1)
        )  # fmt: skip
    return made


def records(made: Iterable[Trade], *, delay_us: int = 20_000) -> list[Record]:
    """A record for each trade, in the order in which they are given, coming shortly after."""
    arrival, out = 0, []
    for trade in made:
        arrival = max(arrival + 1, trade.ts_us + delay_us)
        out.append(Record(arrival, Kind.RAW, message(trade)))
    return out


def cut(all_records: Sequence[Record], places: Iterable[int]) -> list[Sequence[Record]]:
    """Cut records into pushes."""
    edges = [0, *sorted(places), len(all_records)]
    return [all_records[a:b] for a, b in pairwise(edges)]
