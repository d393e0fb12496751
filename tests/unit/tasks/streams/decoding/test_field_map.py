"""A document's map of fields reads what a document says, and passes over the rest."""

from __future__ import annotations

import json

import pytest

from tasks.streams.decoding import make
from tasks.streams.event import Candle, Malformed, Trade
from taskspecs.sources.load import parse

NOW = 1_764_500_100_000_000
DAY = 86_400_000_000


def decoder(fields: str, *, connect="{by: nsq, topic: t}", symbols="[A]", more=""):
    return make(parse(
        f"name: mine\nsymbols: {symbols}\nconnect: {connect}\ndecode: {{fields: {fields}{more}}}\n"
        "bars: {every: 24h}\n"
    ))  # fmt: skip


TRADE = "{ts: {path: t, unit: s}, price: {path: p, decimals: 2}"


def test_a_message_may_be_an_event_a_list_or_hold_one():
    one = {"t": 1_764_500_000, "p": 1.25}
    event = Trade("A", 1_764_500_000_000_000, NOW, 125, 0)
    assert decoder(TRADE + "}").decode(json.dumps(one).encode(), NOW) == [event]
    assert decoder(TRADE + "}").decode(json.dumps([one, one]).encode(), NOW) == [event] * 2
    held = decoder(TRADE + ", each: data.0.rows}")
    assert held.decode(json.dumps({"data": [{"rows": [one]}]}).encode(), NOW) == [event]
    assert held.decode(b'{"event": "subscribed"}', NOW) == []
    with pytest.raises(Malformed, match="no list"):
        held.decode(b'{"data": [{"rows": 3}]}', NOW)


def test_only_messages_that_are_meant_are_read():
    only = decoder(TRADE + ", only: {e: trade, v: 2, ok: true}}")
    good = {"e": "trade", "v": 2, "ok": True, "t": 1_764_500_000, "p": "1"}
    assert len(only.decode(json.dumps(good).encode(), NOW)) == 1
    assert len(only.decode(json.dumps(good | {"v": "2"}).encode(), NOW)) == 1
    for other in ({"e": "quote"}, {"v": 3}, {"ok": 1}, {"ok": "true"}, {"e": None}):
        assert only.decode(json.dumps(good | other).encode(), NOW) == []


@pytest.mark.parametrize(("side", "taker"), [
    ("buy", 1), ("SELL", -1), ("b", 1), ("ask", -1), ("bid", 1),
])  # fmt: skip
def test_sides_are_those_of_who_took(side, taker):
    told = json.dumps({"t": 1_764_500_000, "p": "1", "s": side}).encode()
    assert decoder(TRADE + ", side: s}").decode(told, NOW)[0].side == taker


def test_candles_end_or_begin_at_their_time():
    prices = ", ".join(f"{name}: {{path: {name[0]}, decimals: 1}}"
                       for name in ("open", "high", "low", "close"))  # fmt: skip
    told = b'{"t":"2025-11-28","o":1,"h":3.5,"l":"0.5","c":2,"x":1}'
    wanted = (10, 35, 5, 20, 0, -1)
    end = decoder("{ts: {path: t, unit: iso}, " + prices + "}").decode(told, NOW)
    start = decoder("{ts: {path: t, unit: iso, of: start}, " + prices + "}").decode(told, NOW)
    at = 1_764_288_000_000_000  # 2025-11-28
    assert end == [Candle("A", at, NOW, *wanted, at // DAY)]
    assert start == [Candle("A", at + DAY, NOW, *wanted, at // DAY + 1)]
    closed = decoder("{ts: {path: t, unit: iso}, closed: x, " + prices + "}")
    assert closed.decode(told, NOW) == end
    assert closed.decode(told.replace(b'"x":1', b'"x":false'), NOW) == []


CSV = b"t,p,q\n1764500000,1.25,3\n1764500001,1.5,4\n"


def rows(**settings):
    fields = TRADE + ", size: {path: q, decimals: 0}}"
    return decoder(fields, more=", text: csv", **settings)


def test_a_csv_is_named_by_its_heading_whole_or_line_by_line():
    whole = rows().decode(CSV, NOW)
    assert [(each.price, each.size) for each in whole] == [(125, 3), (150, 4)]
    line_by_line = rows()
    found = []
    for line in [*CSV.splitlines(), b"t,p,q", b"1764500002,2,5"]:
        again = rows()
        again.thaw(line_by_line.freeze())
        found += again.decode(line, NOW)
        line_by_line = again
    assert found[:2] == whole
    assert found[2].size == 5
    assert rows().decode(b"\xef\xbb\xbf" + CSV, NOW) == whole


@pytest.mark.parametrize(("body", "reason"), [
    (b"t,t,q\n1,2,3\n", "csv"), (b"t,p,q\n1764500000,1\n", "shape"), (b't,p,q\n"1', "csv"),
    (b"t,p,q\n1764500000,1.255,3\n", "decimals"), (b"\xff\xfe\n1", "encoding"),
    (b"a,b,c\n1,2,3\n", "missing"),
])  # fmt: skip
def test_a_csv_that_is_none_is_malformed(body, reason):
    with pytest.raises(Malformed) as caught:
        rows().decode(body, NOW)
    assert caught.value.reason == reason


def test_answers_for_one_symbol_carry_it():
    alone = rows(connect='{by: poll, url: "https://data.example/{symbol}.csv"}', symbols="[A, B]")
    body = json.dumps({"symbol": "B", "answer": CSV.decode()}).encode()
    assert {each.symbol for each in alone.decode(body, NOW)} == {"B"}
    assert alone.decode(body.replace(b'"B"', b'"C"'), NOW) == []
    for wrong in (CSV, b'{"symbol": "B"}', b'{"answer": 3}', b"[]"):
        with pytest.raises(Malformed):
            alone.decode(wrong, NOW)


def test_the_most_exact_price_says_how_exact_all_are():
    fields = (
        "{ts: {path: t}, open: {path: o, decimals: 1}, high: {path: h, decimals: 3}, "
        "low: {path: l, decimals: 0}, close: {path: c, decimals: 2}, "
        "amount: {path: a, decimals: 1}}"
    )
    reads = decoder(fields)
    told = b'{"t": 1764288000000, "o": 1.125, "h": 2, "l": 1, "c": 1.5, "a": 3.19}'
    (made,) = reads.decode(told, NOW)
    assert (reads.scales.price_decimals, reads.scales.amount_decimals) == (3, 1)
    assert (made.open, made.high, made.low, made.close, made.amount) == (1125, 2000, 1000, 1500, 31)
