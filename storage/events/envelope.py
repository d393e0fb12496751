"""The envelope: what every event carries, whichever bus brings it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints, ValidationError, field_validator

from configs.errors import BadInput
from configs.section import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_BYTES = 256 * 1024
"""An event tells of data; it does not carry it."""
EVENTS = "qraft.events"
FILES = "qraft.files"
"""Where an object store tells of the files dropped into it."""
PAPER = "qraft.signals.paper"
LIVE = "qraft.signals.live"

EventType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Event(Section):
    """One thing that happened."""

    event_id: _Text
    """Equal for the same happening told twice."""
    type: EventType
    """As `drift_detected`."""
    source: _Text
    """Who tells it, as a study's name."""
    ts: AwareDatetime
    """When it happened."""
    payload: dict[str, Any] = Field(default_factory=dict)
    """What is known of it; only data, never a command."""
    meta: dict[str, Any] = Field(default_factory=lambda: {"version": 1})
    """`version` of the envelope; `path`, the studies it was woken through."""

    @field_validator("payload")
    @classmethod
    def _is_data(cls, payload: dict[str, Any]) -> dict[str, Any]:
        json.dumps(payload, allow_nan=False)
        return payload


def make_event(
    type: str,  # noqa: A002  the envelope's own name
    source: str,
    payload: Mapping[str, Any],
    *,
    ts: datetime | None = None,
    event_id: str | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Event:
    """Return an event whose id follows from its content, unless one is given.

    Parameters
    ----------
    ts
        When it happened, with a zone; default now. An event that is told again after a crash
        needs the same one, for its id to be the same.

    Examples
    --------
    >>> at = datetime(2024, 1, 2, tzinfo=UTC)
    >>> first, again = (make_event("file_arrived", "raw", {"key": "a"}, ts=at) for _ in range(2))
    >>> first.event_id == again.event_id
    True
    """
    happened = ts or datetime.now(UTC)
    content = {"type": type, "source": source, "ts": happened.isoformat(), "payload": payload}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return Event(
        event_id=event_id or hashlib.sha256(text.encode()).hexdigest()[:32],
        type=type,
        source=source,
        ts=happened,
        payload=dict(payload),
        meta={"version": 1, **(meta or {})},
    )


def to_bytes(event: Event) -> bytes:
    """Return an event as it goes over the bus: one JSON object.

    Raises
    ------
    BadInput
        If it is larger than :data:`LARGEST_BYTES`.
    """
    body = event.model_dump_json().encode()
    if len(body) > LARGEST_BYTES:
        raise BadInput(
            f"the event {event.type} of {event.source} has {len(body)} bytes",
            hint=f"at most {LARGEST_BYTES}: tell where the data is, do not send it",
        )
    return body


def from_bytes(body: bytes) -> Event:
    """Read an event from the bus.

    Raises
    ------
    BadInput
        If it is no event; says which part is wrong.
    """
    if len(body) > LARGEST_BYTES:
        raise BadInput(f"an event of {len(body)} bytes; at most {LARGEST_BYTES}")
    try:
        return Event.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the event"
        raise BadInput(f"not an event: {where}: {first['msg']}") from error
    except RecursionError as error:
        raise BadInput("not an event: nested too deeply") from error
