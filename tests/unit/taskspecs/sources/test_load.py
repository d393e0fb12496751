"""A SourceSpec says what is wrong with it, and where."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from taskspecs.sources.load import Known, canonical, load, parse, restore, schema, source_digest

GOOD = """\
kind: source
name: mine
symbols: [BTC-USDT]
connect:
  by: websocket
  url: wss://stream.example/ws
  subscribe: [{op: subscribe, args: ["{symbols}@trade"]}]
decode:
  fields:
    symbol: s
    ts: {path: T}
    sequence: t
    price: {path: p, decimals: 2}
    size: {path: q, decimals: 6}
order: {step: 1}
features: {momentum: "$close / Ref($close, 5) - 1"}
detection:
  - detector: {detector: adwin, watch: $momentum}
"""
POLL = """\
name: mine
symbols: [A]
connect: {by: poll, url: "https://data.example/{symbol}.csv"}
decode:
  text: csv
  fields:
    ts: {path: Date, unit: iso}
    open: {path: Open, decimals: 4}
    high: {path: High, decimals: 4}
    low: {path: Low, decimals: 4}
    close: {path: Close, decimals: 4}
"""
FILE = """\
name: mine
symbols: [A]
connect: {by: file, path: incoming}
decode: {fields: {ts: {path: t}, price: {path: p, decimals: 2}}}
"""


def check_operator(name, settings, last):
    if name != "validate":
        raise BadInput(f"there is no operator `{name}`", hint="did you mean 'validate'?")
    if settings == "bad":
        raise BadInput("settings are wrong")


KNOWN = Known(
    formats={"binance_trades": True, "other": False},
    filled=frozenset({"binance_trades"}),
    histories=frozenset({"binance"}),
    check_operator=check_operator,
)


@pytest.mark.parametrize("text", [GOOD, POLL, FILE])
def test_good_documents_are_read(text):
    assert parse(text, KNOWN).name == "mine"


BAD = [
    # of GOOD: what is replaced, by what, the line and key of the error, a word of it
    ("name: mine", "name: Mine", 2, "name", "pattern"),
    ("name: mine", "nome: mine", 2, "nome", "unknown key"),
    ("kind: source", "kind: sauce", 1, "kind", "choices"),
    ("symbols: [BTC-USDT]", "symbols: [BTC-USDT, BTC-USDT]", 3, "symbols", "twice"),
    ("symbols: [BTC-USDT]", "symbols: [../x]", 3, "symbols[0]", "pattern"),
    ("symbols: [BTC-USDT]", "symbols: BTC", 3, "symbols", "array"),
    ("symbols: [BTC-USDT]", "symbols: []", 5, "connect", "names none"),
    ("by: websocket", "by: websokcet", 5, "connect.by", "websocket"),
    ("  by: websocket\n", "", 5, "connect", "`by` is missing"),
    ("wss://stream.example/ws", "ws://stream.example/ws", 6, "connect.url", "this machine only"),
    ("wss://stream.example/ws", "http://stream.example", 6, "connect.url", "no wss://"),
    ("wss://stream.example/ws", "wss://me:pw@stream.example/", 6, "connect.url", "names no host"),
    ("wss://stream.example/ws", "wss://a.example\\\\@b.example/", 6, "connect.url", "backslash"),
    ("wss://stream.example/ws", "wss://", 6, "connect.url", "at least 8"),
    ("wss://stream.example/ws", "wss:///trades", 6, "connect.url", "names no host"),
    ("wss://stream.example/ws", "wss://a.example/#x", 6, "connect.url", "no `#`"),
    ("wss://stream.example/ws", "ws://127.0.0.1.example/", 6, "connect.url", "this machine"),
    ("url: wss", "adress: wss", 6, "connect.adress", "unknown key"),
    ("  url: wss://stream.example/ws\n", "", 5, "connect.url", "`url` is missing"),
    ("  subscribe:", "  silent_s: 0\n  subscribe:", 7, "connect.silent_s", "greater than 0"),
    ("  subscribe:", "  silent_s: .inf\n  subscribe:", 7, "connect.silent_s", "number"),
    ("  subscribe:", "  backoff_s: [9, 1]\n  subscribe:", 5, "connect", "first is longer"),
    ("  subscribe:", "  backoff_s: [1]\n  subscribe:", 7, "connect.backoff_s[1]", "missing"),
    ("  subscribe:", "  headers: {A: {env: lower}}\n  subscribe:", 7, "connect.headers.A.env",
     "pattern"),
    ("  subscribe:", "  headers: {\"A B\": x}\n  subscribe:", 7, "connect.headers.A B", "pattern"),
    ("  subscribe:", "  heartbeat: {every_s: 5}\n  subscribe:", 7, "connect.heartbeat.message",
     "missing"),
    ("  subscribe:", "  max_message_bytes: 1\n  subscribe:", 7, "connect.max_message_bytes",
     "greater"),
    ("  subscribe:", "  snapshot: {url: \"http://x.example/{symbol}\"}\n  subscribe:", 7,
     "connect.snapshot.url", "this machine only"),
    ("    symbol: s\n", "    symbl: s\n", 10, "decode.fields.symbl", "did you mean 'symbol'"),
    ("ts: {path: T}", "ts: {path: T, unit: min}", 11, "decode.fields.ts.unit", "choices"),
    ("ts: {path: T}", "ts: {path: T.}", 11, "decode.fields.ts.path", "pattern"),
    ("    ts: {path: T}\n", "", 10, "decode.fields.ts", "`ts` is missing"),
    ("    sequence: t\n", "", 14, "order.step", "no sequence numbers"),
    ("price: {path: p, decimals: 2}", "price: {path: p}", 13,
     "decode.fields.price.decimals", "missing"),
    ("price: {path: p, decimals: 2}", "price: {path: p, decimals: 13}", 13,
     "decode.fields.price.decimals", "less than or equal to 12"),
    ("    price: {path: p, decimals: 2}\n", "", 10, "decode.fields", "trades with `price`"),
    ("  fields:\n", "  format: binance_trades\n  fields:\n", 9, "decode", "name a `format`"),
    ("order: {step: 1}", "order: {step: 0}", 15, "order.step", "greater"),
    ("order: {step: 1}", "order: {lateness_ms: -1}", 15, "order.lateness_ms", "greater"),
    ("order: {step: 1}", "order: {step: 1, gap: {fill: history}}", 15, "order.gap.fill",
     "no history"),
    ("order: {step: 1}", "order: {gap: {fill: history}}\nhistory: binance", 15, "order.gap.fill",
     "not looked for"),
    ("order: {step: 1}", "history: binanse", 15, "history", "did you mean 'binance'"),
    ("order: {step: 1}", "history_url: http://x.example/", 15, "history_url", "this machine"),
    ("order: {step: 1}", "exchange_zone: Mars/Olympus", 15, "exchange_zone", "no zone"),
    ("order: {step: 1}", "bars: {every: 1day}", 15, "bars.every", "pattern"),
    ("order: {step: 1}", "keep: {hot_days: 0}", 15, "keep.hot_days", "greater"),
    ("order: {step: 1}", "operators: [{validat: {}}]", 15, "operators[0].validat", "validate"),
    ("order: {step: 1}", "then: [{validate: bad}]", 15, "then[0].validate", "settings are wrong"),
    ("order: {step: 1}", "operators: [{a: {}, b: {}}]", 15, "operators[0]", "at most 1"),
    ("momentum: \"$close / Ref($close, 5) - 1\"", "momentum: $clse", 16, "features.momentum",
     "did you mean 'close'"),
    ("momentum: \"$close / Ref($close, 5) - 1\"", "momentum: \"Ref($close, -1)\"", 16,
     "features.momentum", "looks 1 rows ahead"),
    ("momentum: \"$close / Ref($close, 5) - 1\"", "close: $open", 16, "features.close", "field"),
    ("momentum: \"$close / Ref($close, 5) - 1\"", "a: $open, A: $open", 16, "features.A",
     "capitals"),
    ("watch: $momentum", "watch: $momntum", 18, "detection[0].detector.watch", "momentum"),
    ("detector: adwin", "detector: adwim", 18, "detection[0].detector.detector", "adwin"),
    ("- detector: {detector: adwin, watch: $momentum}",
     "- {on: events, detector: {detector: adwin, watch: $close}}", 18,
     "detection[0].detector.watch", "price"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "said"), BAD)
def test_what_is_wrong_is_located(old, new, line, key, said):
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        parse(GOOD.replace(old, new, 1), KNOWN, file="mine.yaml")
    place = caught.value.place
    assert (place.file, place.line, place.key) == ("mine.yaml", line, key), str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(("text", "old", "new", "said"), [
    (POLL, "https://data", "http://data", "this machine only"),
    (POLL, "text: csv", "text: xml", "choices"),
    (POLL, "  fields:\n", "  fields:\n    each: rows\n", "leave out `each`"),
    (POLL, "symbols: [A]\n", "", "names none"),
    (POLL, "{symbol}.csv", "all.csv?x={unknown}", ""),
    (POLL, "    low: {path: Low, decimals: 4}\n", "", "open to close"),
    (FILE, "path: incoming", "path: ../etc", "leaves the workspace"),
    (FILE, "path: incoming", "path: /etc/passwd", "leaves the workspace"),
    (FILE, "path: incoming", "path: incoming, pattern: a/b", "pattern"),
    (FILE, "symbols: [A]", "symbols: [A, B]", "which of 2 symbols"),
    (FILE, "decode: {fields", "decode: {symbols: {x: C}, fields", "not among `symbols`"),
    (FILE, "decode: {fields", "decode: {symbols: {x: A, y: A}, fields", "one name of ours"),
    (FILE, "decode: {fields", "decode: {price_decimals: 2, fields", "with each field"),
    (FILE, "by: file, path: incoming", "by: nsq, topic: 'a b'", "pattern"),
    (FILE, "by: file, path: incoming", "by: replay, path: x, speed: 0", "greater"),
])  # fmt: skip
def test_other_kinds_are_refused_too(text, old, new, said):
    assert old in text
    changed = text.replace(old, new, 1)
    if not said:
        parse(changed, KNOWN)
        return
    with pytest.raises(BadInput, match=said.replace("(", r"\(")) as caught:
        parse(changed, KNOWN)
    assert caught.value.place.line


@pytest.mark.parametrize("text", [
    "", "a", "- a", "name: [", "name: mine\nname: other", "a: &x 1\nb: *x", "\0", "é: 1",
    "x: " + "[" * 60, "name: !!python/object:os.system x",
])  # fmt: skip
def test_what_is_no_document_is_refused(text):
    with pytest.raises(BadInput):
        parse(text, KNOWN)


def test_a_format_that_is_not_there_has_near_matches():
    text = GOOD.partition("decode:")[0] + "decode: {format: binance_trads}\n"
    with pytest.raises(BadInput, match="did you mean 'binance_trades'"):
        parse(text, KNOWN)


def test_gaps_are_filled_only_by_a_history_that_has_them():
    head = GOOD.partition("decode:")[0]
    gap = "order: {step: 1, gap: {fill: history}}\n"
    parse(f"{head}decode: {{format: binance_trades}}\n{gap}", KNOWN)
    with pytest.raises(BadInput, match="no history to ask for that") as caught:
        parse(f"{head}decode: {{format: other}}\n{gap}", KNOWN)
    assert caught.value.place.key == "order.gap.fill"
    with pytest.raises(BadInput, match="no history to ask for that"):
        parse(f"{head}decode: {{format: other}}\nhistory_url: https://x.example\n", KNOWN)


def test_what_the_journal_keeps_is_read_again_and_has_one_digest():
    spec = parse(GOOD)
    again = restore(canonical(spec))
    assert again == spec
    assert source_digest(again) == source_digest(spec)
    other_order = GOOD.replace("kind: source\n", "", 1) + "kind: source\n"
    assert canonical(parse(other_order)) == canonical(spec)
    assert source_digest(parse(GOOD.replace("decimals: 2", "decimals: 3"))) != source_digest(spec)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"name": 1}', b"\xff"])
def test_what_is_no_canonical_form_is_refused(body):
    with pytest.raises(BadInput):
        restore(body)


def test_the_name_of_a_file_is_the_name_of_its_source(tmp_path):
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "other.yaml").write_text(GOOD)
    with pytest.raises(BadInput, match="name: other") as caught:
        load(folder / "other.yaml")
    assert caught.value.place.line == 2


def test_the_schema_describes_every_key():
    told = schema()
    undescribed = [
        f"{model['title']}.{name}"
        for model in [told, *told["$defs"].values()]
        for name, about in model["properties"].items()
        if not {"description", "$ref", "const"} & about.keys()
    ]
    assert undescribed == []
