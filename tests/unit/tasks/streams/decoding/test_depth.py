"""A book by its snapshot and changes is the exchange's book, whenever the snapshot came."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.streams.decoding import known, make
from taskspecs.sources.catalogue import shipped
from taskspecs.sources.load import load

NOW = 1_764_500_100_000_000
E8 = 100_000_000
LEVEL = st.tuples(st.integers(90, 110), st.integers(0, 5))
CHANGES = st.lists(
    st.tuples(st.integers(1, 4), st.lists(LEVEL, max_size=4)), min_size=4, max_size=25
)
NAMES = ("binance_depth", "binance_usdm_depth")
SPECS = {name: load(shipped()[name], known())[0] for name in NAMES}


class Market:
    """An exchange's own book, and what it says of it."""

    def __init__(self) -> None:
        self.bids, self.asks = {80: 1}, {120: 1}
        self.last = 1_000

    def change(self, count: int, levels: list[tuple[int, int]]) -> str:
        first, before = self.last + 1, self.last
        self.last += count
        told = {"b": [], "a": []}
        for price, size in levels:
            side, name = (self.bids, "b") if price < 100 else (self.asks, "a")
            told[name].append([str(price), str(size)])
            if size:
                side[price] = size
            else:
                side.pop(price, None)
        return json.dumps({"e": "depthUpdate", "E": 1_764_500_000_000, "s": "BTCUSDT", "U": first,
                           "u": self.last, "pu": before} | told)  # fmt: skip

    def snapshot(self) -> str:
        bids, asks = (
            [[str(price), str(size)] for price, size in side.items()]
            for side in (self.bids, self.asks)
        )
        answer = json.dumps({"lastUpdateId": self.last, "bids": bids, "asks": asks})
        return json.dumps({"symbol": "BTCUSDT", "answer": answer})

    @property
    def best(self) -> tuple[int, int, int, int]:
        bid, ask = max(self.bids), min(self.asks)
        return bid * E8, self.bids[bid] * E8, ask * E8, self.asks[ask] * E8


@pytest.mark.parametrize("name", NAMES)
@given(changes=CHANGES, draw=st.data())
def test_the_best_prices_are_the_markets(name, changes, draw):
    """The snapshot is taken at one change and comes later; meanwhile states are frozen."""
    market, reads = Market(), make(SPECS[name])
    taken = draw.draw(st.integers(0, len(changes) - 2), "taken")
    comes = draw.draw(st.integers(taken, len(changes) - 2), "comes")
    frozen = draw.draw(st.integers(0, len(changes) - 1), "frozen")
    told, kept = None, ""
    for number, change in enumerate(changes):
        events = reads.decode(market.change(*change).encode(), NOW)
        kept = market.snapshot() if number == taken else kept
        if number == comes:
            events += reads.decode(kept.encode(), NOW)
        if number == frozen:
            again = make(SPECS[name])
            again.thaw(reads.freeze())
            reads = again
        told = events[-1] if events else told
        if number > comes:
            assert (told.bid, told.bid_size, told.ask, told.ask_size) == market.best
            assert reads.wants() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_change_that_is_missing_silences_the_book_until_a_new_snapshot(name):
    market, reads = Market(), make(SPECS[name])
    reads.decode(market.change(1, [(95, 1)]).encode(), NOW)
    assert reads.wants() == ["BTCUSDT"]
    assert reads.decode(market.snapshot().encode(), NOW)
    assert reads.decode(market.change(1, [(96, 1)]).encode(), NOW)
    market.change(2, [(97, 1)])
    assert reads.decode(market.change(1, [(98, 1)]).encode(), NOW) == []
    assert reads.wants() == ["BTCUSDT"]
    old = Market().snapshot()
    assert reads.decode(old.encode(), NOW) == []
    assert reads.decode(market.snapshot().encode(), NOW)[0].bid == 98 * E8
    reads.opened()
    assert reads.decode(market.change(1, [(99, 1)]).encode(), NOW) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_book_without_a_snapshot_takes_no_more_and_more_memory(name):
    market, reads = Market(), make(SPECS[name])
    for _ in range(12_000):
        reads.decode(market.change(1, []).encode(), NOW)
    size = len(reads.freeze())
    assert size < 1 << 20
