"""Reading messages: whatever comes is read as events, or kept as it is with the reason why not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from agent.road.triggers.dropped import records, to_event
from configs.errors import QraftError
from storage.events.envelope import EVENTS, FILES, Event, from_bytes, to_bytes
from storage.events.inbox import Arrived
from storage.events.outbox import RECEIPT

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """How what comes on a topic is read."""

    parts: Callable[[bytes], list[bytes]]
    """One message may tell of several things."""
    event: Callable[[bytes], Event]


@dataclass(frozen=True, slots=True)
class Read:
    """A message, or a part of one, as it will be kept."""

    arrived: Arrived
    event_id: str = ""
    receipt: object = None
    """Who wants to know that it arrived: an address, if it is one."""


READERS: dict[str, Reader] = {
    EVENTS: Reader(lambda body: [body], from_bytes),
    FILES: Reader(records, to_event),
}
"""The topics that are listened to."""


def read(topic: str, body: bytes) -> list[Read]:
    """Read a message; never raises, whatever is in it.

    Examples
    --------
    >>> [kept] = read("qraft.events", b"[" * 100_000)
    >>> kept.arrived.ident[:7], kept.arrived.reason.partition(":")[0]
    ('sha256:', 'not an event')
    """
    reader = READERS[topic]
    parts = _guarded(topic, body, lambda: reader.parts(body))
    if isinstance(parts, Read):
        return [parts]
    return [_read_part(topic, part, reader) for part in parts]


def _read_part(topic: str, part: bytes, reader: Reader) -> Read:
    def arrived() -> Read:
        event = reader.event(part)
        # What is kept can be read again, whoever wrote it and however.
        kept = from_bytes(to_bytes(event))
        return Read(
            Arrived(topic, to_bytes(kept), f"id:{kept.event_id}", kept.type, kept.source),
            kept.event_id, kept.meta.get(RECEIPT),
        )  # fmt: skip

    return _guarded(topic, part, arrived)


def _guarded(topic: str, body: bytes, read: Callable[[], T]) -> T | Read:
    """Do what reads a stranger's bytes; any exception is a reason to keep them as they are."""
    try:
        return read()
    except QraftError as error:
        reason = error.what
    except Exception as error:
        reason = f"it cannot be read: {type(error).__name__}: {error}"
    digest = hashlib.sha256(topic.encode() + b"\0" + body).hexdigest()
    return Read(Arrived(topic, body, f"sha256:{digest}", reason=reason))
