"""Whatever a message is, it is events, or malformed with a reason; nothing else ever comes out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.streams.decoding import known, make
from tasks.streams.decoding.formats import FORMATS
from tasks.streams.event import Malformed
from taskspecs.sources.catalogue import shipped
from taskspecs.sources.load import load, parse
from tests.unit.tasks.streams.decoding.test_formats import NOW, messages

REASONS = {
    "candle", "csv", "decimals", "deep", "encoding", "error", "json", "missing", "number", "price",
    "range", "sequence", "shape", "side", "size", "symbol", "time",
}  # fmt: skip
MAPPED = """\
name: mapped
symbols: [BTC-USDT]
connect: {by: nsq, topic: trades}
decode:
  symbols: {BTCUSDT: BTC-USDT}
  fields:
    only: {e: trade}
    symbol: s
    ts: {path: T}
    sequence: t
    price: {path: p, decimals: 8}
    size: {path: q, decimals: 8}
    side: side
"""
MAPPED_CANDLES = """\
name: candles
symbols: [BTC-USDT]
connect: {by: file, path: incoming}
decode:
  symbols: {BTCUSDT: BTC-USDT}
  fields:
    each: data.rows
    symbol: "0"
    ts: {path: "1", unit: iso}
    open: {path: "2", decimals: 2}
    high: {path: "3", decimals: 2}
    low: {path: "4", decimals: 2}
    close: {path: "5", decimals: 2}
    closed: "6"
"""
GOOD_MAPPED = (
    b'{"e":"trade","s":"BTCUSDT","T":1764500000118,"t":54,"p":"90512.01","q":"0.5","side":"buy"}'
)
GOOD_CANDLES = b'{"data":{"rows":[["BTCUSDT","2025-11-30T10:53:00Z",1.5,2,"1.25",1.75,true]]}}'
CSV = b"Date,Open,High,Low,Close,Volume\n2025-11-28,1.5,2,1.25,1.75,100\n"


def _polled(body: bytes) -> bytes:
    return json.dumps({"symbol": "AAPL", "answer": body.decode("latin-1")}).encode()


def sources() -> dict[str, tuple]:
    """Name to what makes a decoder, and a message of it that brings an event."""
    found = {}
    for name in FORMATS:
        spec = load(shipped()[name], known())[0]
        good = [body for body in messages(name) if len(body) > 90][-1]
        found[name] = (spec, good)
    found["mapped"] = (parse(MAPPED), GOOD_MAPPED)
    found["candles"] = (parse(MAPPED_CANDLES), GOOD_CANDLES)
    found["daily_csv"] = (load(shipped()["daily_csv"], known())[0], _polled(CSV))
    return found


SOURCES = sources()
DEEP = 100_000
NOISE = {
    "nothing": b"",
    "a space": b" ",
    "a zero byte": b"\0",
    "a bracket": b"[",
    "a brace": b"{",
    "nested lists": b"[" * DEEP,
    "nested closed lists": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "nested data": b'{"data":' * DEEP + b"1" + b"}" * DEEP,
    "a long text": b'"' + b"x" * 1_000_000 + b'"',
    "a long number": b"9" * 1_000_000,
    "a long name": b'{"' + b"x" * 1_000_000 + b'":1}',
    "utf-16": '{"e":"trade"}'.encode("utf-16"),
    "utf-32": '{"e":"trade"}'.encode("utf-32"),
    "latin-1": '{"e":"tràde"}'.encode("latin-1"),
    "gbk": '{"e":"交易"}'.encode("gbk"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "half a surrogate": b'{"e":"\\ud800"}',
    "bad escapes": b'{"e":"\\x"}',
    "control letters": b'{"e":"\x01"}',
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "two values": b"{}{}",
    "a comma": b'{"e":"trade",}',
    "single quotes": b"{'e':'trade'}",
    "a comment": b'{"e":"trade"}//',
    "a page": b"<html><body>502 Bad Gateway</body></html>",
    "an empty object": b"{}",
    "another object": b'{"foo":"bar"}',
    "numbers": b"[1,2,3]",
    "true": b"true",
}
WRONG = {  # in place of a number, as it stands in a message
    "text": '"abc"',
    "nothing": '""',
    "null": "null",
    "true": "true",
    "list": "[]",
    "object": "{}",
    "nan": '"NaN"',
    "bare nan": "NaN",
    "infinity": '"inf"',
    "negative": '"-1.5"',
    "bare negative": "-1.5",
    "zero price": '"0"',
    "huge": '"99999999999999999999"',
    "bare huge": "1e300",
    "tiny": '"1e-300"',
    "absurd exponent": '"1e999999999"',
    "bare absurd exponent": "1e999999999",
    "hex": '"0x10"',
    "underscores": '"1_000"',
    "spaces": '" 1"',
    "plus": '"++1"',
    "two points": '"1.2.3"',
    "comma": '"1,5"',
    "arabic digits": '"١٢"',
    "too many digits": '"1.0000000000001"',
    "a million digits": '"' + "1" * 1_000_000 + '"',
    "a million bare digits": "1" * 1_000_000,
    "1 MB of text": '"' + "a" * 1_000_000 + '"',
    "zero bytes": '"1\\u00001"',
}
TIMES = ("0", "1", "-1", "4102444800000", "99999999999999999999", '"1970-01-01T00:00:00Z"',
         '"2100-01-01T00:00:00Z"', '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"', "1e400",
         '"2025-13-45T99:99:99Z"', "null", '"now"', '"20251130"', '"2025-W48-7"')  # fmt: skip
SYMBOLS = ("", " ", "../../etc/passwd", "A" * 1_000_000, "BTC\\u0000USDT", "<script>", "比特币",
           "-BTC")  # fmt: skip
NUMBERS = ("90512.02000000", "0.10000000", "90500", "12.346", "90550.20", "0.001", "90509.00",
           "90500.50", "90400.23", "90511.00", "5.23512000", "90409.9", "90413.0", "90519.8",
           "90518.49", "90512.01", "1.25", "90490.5", "90500.5")  # fmt: skip
STAMPS = ("1764500001119", "1764500000297", "1764499980000", "1764500000400", "1764500000200",
          "2025-11-30T10:53:20.028459Z", "1764499800", "2025-11-30T10:53:20.637081Z",
          "2025-11-30T10:54:00.000000000Z", "1764500001003", "1764500000866", "1764500000118",
          "2025-11-30T10:53:00Z", "2025-11-28")  # fmt: skip


def _said(decoder, body: bytes) -> str | None:
    """Decode; return the reason, or none where there are events, or a message of the line."""
    before = decoder.freeze()
    try:
        events = decoder.decode(body, NOW)
    except Malformed as error:
        reason, said = error.reason, str(error)
    else:
        for event in events:
            assert event.price > 0 if hasattr(event, "price") else event.low > 0
            assert NOW - 10**17 < event.ts_us < NOW + 2 * 86_400_000_000
        return None
    assert reason in REASONS, reason
    assert len(said) < 1_000
    assert decoder.freeze() == before
    return reason


HARMLESS = {
    "mapped": {"an empty object", "another object", "nested data", "nested objects", "a long name",
               "numbers", "true", "a long text", "a long number"},
    "candles": {"an empty object", "another object", "numbers", "true", "a long text",
                "a long name"},
}  # fmt: skip
"""What a map of fields passes over, for it is of another kind."""


@pytest.mark.parametrize("name", SOURCES)
def test_noise_is_malformed(name):
    spec, _ = SOURCES[name]
    reasons = {noise: _said(make(spec), body) for noise, body in NOISE.items()}
    silent = {noise for noise, reason in reasons.items() if reason is None}
    assert silent <= HARMLESS.get(name, set())


def _with(body: bytes, found: str, put: str) -> bytes | None:
    """Put something in the place of a number, quoted or not, also within an answer's text."""
    text = body.decode()
    for old in (f'\\"{found}\\"', f'"{found}"', found):
        if old in text:
            if old.startswith("\\"):
                put = put.replace("\\", "\\\\").replace('"', '\\"')
            elif text.startswith('{"symbol"'):
                put = put.replace('"', "")
            return text.replace(old, put, 1).encode()
    return None


@pytest.mark.parametrize("name", SOURCES)
def test_numbers_that_are_none_are_malformed(name):
    spec, good = SOURCES[name]
    found = [number for number in NUMBERS if number.encode() in good]
    assert found
    for number in found:
        for kind, wrong in WRONG.items():
            body = _with(good, number, wrong)
            assert _said(make(spec), body) or kind in {"tiny", "zero price"}, body[:300]


@pytest.mark.parametrize("name", SOURCES)
def test_times_that_are_absurd_are_malformed(name):
    spec, good = SOURCES[name]
    found = [stamp for stamp in STAMPS if stamp.encode() in good]
    assert found
    for stamp in found:
        for time in TIMES:
            body = _with(good, stamp, time)
            assert _said(make(spec), body), body[:300]


@pytest.mark.parametrize("name", SOURCES)
def test_symbols_that_are_none_are_malformed(name):
    spec, good = SOURCES[name]
    text = good.decode()
    names = ("BTCUSDT", "BTC-USDT", "BTC-USD", "BTC/USD", "AAPL")
    theirs = next(one for one in names if one in text)
    for symbol in SYMBOLS:
        assert _said(make(spec), text.replace(theirs, symbol).encode()), symbol[:100]


@pytest.mark.parametrize("name", SOURCES)
def test_a_message_cut_anywhere_is_malformed(name):
    spec, good = SOURCES[name]
    for cut in range(1, len(good)):
        assert _said(make(spec), good[:cut])


@pytest.mark.parametrize("name", SOURCES)
def test_types_that_are_wrong_are_malformed_or_harmless(name):
    spec, good = SOURCES[name]
    for path in _paths(json.loads(good)):
        for other in (None, True, -1, 1.5, "x", [], {}, [[]], "9" * 40, {"a": {"b": [1]}}):
            _said(make(spec), json.dumps(_changed(json.loads(good), path, other)).encode())


def _paths(value, path=()):
    yield path
    members = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    for key, member in members:
        yield from _paths(member, (*path, key))


def _changed(value, path, other):
    if not path:
        return other
    value[path[0]] = _changed(value[path[0]], path[1:], other)
    return value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["e", "data", "s", "T", "p", "q", "k", "symbol", "answer", "topic", "type",
                         "channel", "events", "arg", "b", "a", "U", "u", "E", "price"]),
        inner, max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_nothing_else_is_ever_raised(body):
    for spec, _ in SOURCES.values():
        _said(make(spec), body)


def test_there_are_hundreds_of_them():
    assert (len(NOISE) + len(WRONG) + len(TIMES) + len(SYMBOLS)) * len(SOURCES) > 1_000
