"""Messages that a stranger may send, and that nothing may be harmed by: topic and bytes."""

from __future__ import annotations

import json

from storage.events.envelope import EVENTS, FILES


def notification(**changed: object) -> bytes:
    """A bucket's notification of one file, with something changed in it."""
    stored = {"key": "lake/raw/dropped/prices.csv", "size": 3, "eTag": "e", "sequencer": "1"}
    at = changed.pop("eventTime", "2024-01-01T00:00:00.000Z")
    record = {"eventTime": at, "s3": {"bucket": {"name": "b"}, "object": stored | changed}}
    return json.dumps({"Records": [record]}).encode()


def envelope(**changed: object) -> bytes:
    """An event with something changed in it."""
    event = {"event_id": "x", "type": "custom.x", "source": "s", "ts": "2024-01-01T00:00:00Z"}
    return json.dumps(event | {"payload": {}, "meta": {}} | changed).encode()


HOSTILE: list[tuple[str, bytes]] = [
    (FILES, notification(eventTime="2024-01-01T00:00:00")),
    (FILES, b"[" * 100_000),
    (FILES, b'{"Records":' + b"[" * 50_000),
    (FILES, notification(size=float("inf"))),
    (FILES, notification(size=float("nan"))),
    (FILES, notification(size="1e999")),
    (FILES, notification(size=[3])),
    (FILES, notification(key="a\ud800.csv")),
    (FILES, notification(key=None)),
    (FILES, notification(key=7)),
    (FILES, notification(eventTime=None)),
    (FILES, notification(eventTime="yesterday")),
    (FILES, b"null"),
    (FILES, b"7"),
    (FILES, b'{"Records": []}'),
    (FILES, b'{"Records": {}}'),
    (FILES, b'{"Records": "ab"}'),
    (FILES, b'{"Records": [null]}'),
    (FILES, b"\xff" * 60_000),
    (FILES, b"9" * 10_000),
    (EVENTS, b"{"),
    (EVENTS, b"null"),
    (EVENTS, b'{"type": "x"}'),
    (EVENTS, b"[" * 100_000),
    (EVENTS, b'{"a":' * 50_000),
    (EVENTS, b"\xff" * 60_000),
    (EVENTS, b"\x00" * 1_000),
    (EVENTS, b"\xef\xbb\xbf{}"),
    (EVENTS, envelope(ts="2024-01-01T00:00:00")),
    (EVENTS, envelope(ts="0000-99-99")),
    (EVENTS, envelope(ts=1e400)),
    (EVENTS, envelope(event_id="")),
    (EVENTS, envelope(event_id="x" * 300)),
    (EVENTS, envelope(event_id="a\ud800")),
    (EVENTS, envelope(event_id=None)),
    (EVENTS, envelope(type="DROP TABLE event")),
    (EVENTS, envelope(type=["custom.x"])),
    (EVENTS, envelope(payload=[])),
    (EVENTS, envelope(payload={"x": float("inf")})),
    (EVENTS, envelope(payload={"x": "\udfff"})),
    (EVENTS, envelope(meta=None)),
    (EVENTS, envelope(further="field")),
]
