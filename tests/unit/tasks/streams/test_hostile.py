"""Hostile input: each message is counted by reason, none stops a source, memory is bounded."""

from __future__ import annotations

import json

import numpy as np
import pytest

from storage.journal.record import Kind, Record
from tasks.streams import intake
from tasks.streams.decoding import make
from tasks.streams.event import Candle
from tasks.streams.flow import Flow
from tests.streaming import BEGIN_US, source

ARRIVAL = BEGIN_US + 100_000_000
GOOD = {"s": "BTC", "n": 1, "t": BEGIN_US // 1_000, "p": "100.00", "q": "1.000"}
FIELDS = {
    "symbol": "s", "sequence": "n", "ts": {"path": "t", "unit": "ms"},
    "price": {"path": "p", "decimals": 2}, "size": {"path": "q", "decimals": 3},
}  # fmt: skip
SPEC = source(decode={"fields": FIELDS}, bars={"every": "10s"}, order={"step": 1})


def said(**changes) -> bytes:
    return json.dumps(GOOD | changes).encode()


def cut_off() -> list[bytes]:
    whole = said()
    return [whole[:at] for at in range(1, len(whole), 3)]


def wrong_types() -> list[bytes]:
    odd = [None, True, [], {}, "", "abc", "1e999", "NaN", "Infinity", "-", "0x10", "１２", " "]
    made = [said(**{name: one}) for name in ("p", "q", "t", "n") for one in odd]
    made += [said(t=1.5), said(n=1.5)]
    return [*made, *(said(s=one) for one in (None, True, [], {}, "", " ", "../../x", "a\0b"))]


def absurd() -> list[bytes]:
    return [
        *(said(p=one) for one in ("-1", "0", "-0.01", "1e30", "9" * 40, "0." + "1" * 40)),
        *(said(q=one) for one in ("-1", "9" * 40)),
        *(said(t=one) for one in (0, -1, 1, 4_102_444_800_000, 10**18, 10**30, -(10**20))),
        *(said(n=one) for one in (10**30, -(10**30))),
        said(s="A" * 1_000_000), said(p="9" * 1_000_000), said(t="9" * 1_000_000),
        b'{"s":"BTC","n":1,"t":1e400,"p":"1","q":"1"}',
        b'{"s":"BTC","n":1,"t":NaN,"p":"1","q":"1"}',
    ]  # fmt: skip


def shapeless() -> list[bytes]:
    deep = 100_000
    return [
        b"", b" ", b"null", b"0", b'"text"', b"[]", b"{}", b"[[]]", b"{" * deep, b"[" * deep,
        b'{"s":' * deep, b"\x00" * 50, b"\xff\xfe" + said(), said().decode().encode("utf-16"),
        said().decode().encode("utf-32"), b"\xef\xbb\xbf" + said(), b"\x1f\x8b\x08", said() * 2,
        b"<html>502 Bad Gateway</html>", b"\xed\xa0\x80", said()[::-1],
        *(np.random.default_rng(seed).bytes(60) for seed in range(80)),
    ]  # fmt: skip


HOSTILE = [*cut_off(), *wrong_types(), *absurd(), *shapeless()]
SILENT = {b"[]", b" ", b""}
"""What may mean that nothing happened."""


def test_two_hundred_hostile_messages_are_each_counted_and_none_stops_the_source() -> None:
    assert len(HOSTILE) >= 200
    running = Flow(SPEC, make(SPEC))
    uncounted = []
    for body in HOSTILE:
        out = running.push([Record(ARRIVAL, Kind.RAW, body)])
        assert out.events == []
        if out.drops.total() + out.late != 1:
            uncounted.append(body[:60])
    running = Flow(SPEC, make(SPEC))
    hostile = [Record(ARRIVAL, Kind.RAW, body) for body in HOSTILE]
    good = [
        Record(ARRIVAL + place, Kind.RAW, said(n=place, t=GOOD["t"] + place * 100))
        for place in range(1, 400)
    ]
    out = running.push([*hostile, *good])
    alone = Flow(SPEC, make(SPEC)).push(good)
    assert len(out.events) == len(alone.events) > 300
    assert out.bars.equals(alone.bars)
    assert out.drops.total() >= len(HOSTILE) - 10
    assert set(uncounted) <= SILENT


@pytest.mark.parametrize("error", [RuntimeError, RecursionError, MemoryError, KeyError, TypeError])
def test_a_decoder_that_fails_does_not_stop_the_source(error: type[Exception]) -> None:
    decoder = make(SPEC)
    decoder.decode = lambda *_: (_ for _ in ()).throw(error("no"))
    out = Flow(SPEC, decoder).push([Record(ARRIVAL, Kind.RAW, b"x")] * 3)
    assert out.drops == {"undecodable": 3}


def test_an_absurd_event_does_not_say_what_kind_of_events_a_source_has() -> None:
    decoder = make(SPEC)
    candle = Candle("BTC", 0, ARRIVAL, 1, 1, 1, 1, 1)
    decoder.decode = lambda body, _: [candle] if body == b"c" else make(SPEC).decode(body, ARRIVAL)
    running = Flow(SPEC, decoder)
    out = running.push([Record(ARRIVAL, Kind.RAW, body) for body in (b"c", said(), b"c")])
    assert out.drops == {"absurd_time": 2}
    assert len(running.finish().events) == 1


def test_a_thousand_names_of_symbols_are_not_kept_for_ever(monkeypatch) -> None:
    monkeypatch.setattr(intake, "MOST_SYMBOLS", 100)
    names = [Record(ARRIVAL + n, Kind.RAW, said(s=f"S{n}")) for n in range(1_000)]
    running = Flow(SPEC, make(SPEC))
    out = running.push(names)
    assert out.drops == {"too_many_symbols": 900}
    assert len(running.freeze()) < 100_000


@pytest.mark.parametrize("kind", [Kind.SPEC, Kind.HISTORY, Kind.THINNED, Kind.FEEDBACK,
                                  Kind.JOINED, Kind.OPENED, Kind.CLOSED, Kind.TICK])  # fmt: skip
def test_no_body_of_any_record_stops_a_source(kind: Kind) -> None:
    running = Flow(SPEC, make(SPEC))
    for body in shapeless():
        running.push([Record(ARRIVAL, kind, body)])
    assert running.push([Record(ARRIVAL, Kind.RAW, said())]).drops.total() == 0


@pytest.mark.parametrize("state", [b"", b"x", b"\x78\x9c", *shapeless()[-3:]])
def test_what_is_no_state_is_refused(state: bytes) -> None:
    from tasks.detection.execution.state import NoState

    with pytest.raises(NoState):
        Flow.thaw(state)
