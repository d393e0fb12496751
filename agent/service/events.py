"""Events: told, and looked at where they could not be handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.service.model import Model
from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.service.service import Service
    from storage.events.work import Work


class Told(Model):
    """An event that is kept, and will be told until it has arrived."""

    event_id: str
    type: str
    source: str
    ts: str
    payload: dict[str, Any]
    meta: dict[str, Any]
    told: bool
    """Whether the bus has it already."""
    new: bool
    """Whether no event of that id was told before; then it wakes nothing again."""
    later: str
    """Why it is told later; empty where it is told."""


class DeadLetter(Model):
    """An event that could not be handled, or could not be read."""

    id: str
    """By which a person names it."""
    event: str
    study: str
    """That could not handle it; empty where nobody could."""
    topic: str
    type: str
    source: str
    bytes: int
    tries: int
    kind: str
    reason: str
    at: float
    """When it was put aside, in seconds since 1970."""


def publish_event(
    service: Service, kind: str, *, source: str, payload: Mapping[str, Any],
    event_id: str | None = None,
) -> Told:  # fmt: skip
    """Tell of an event; when this returns it is kept, and told until it is known to have arrived.

    Parameters
    ----------
    kind
        Its type, as ``drift_detected`` or ``custom.rebalance``.
    event_id
        Default one that follows from its content: the same event told twice is one.

    Raises
    ------
    BadInput
        If that is no type of events.
    """
    from agent.road.runner.telling import deliver
    from storage.events.boxes import Boxes
    from storage.events.envelope import make_event

    try:
        event = make_event(kind, source, dict(payload), event_id=event_id)
    except ValueError as error:
        raise BadInput(f"`{kind}` is not an event's type", hint="as drift_detected") from error
    with Boxes(service.workspace.home / "events") as boxes:
        new = boxes.outbox.keep([event])
        later = deliver(service.workspace, service.settings, boxes.outbox)
    said = event.model_dump(mode="json")
    return Told(**said, told=not later, new=bool(new), later=later)


def list_dead_letters(
    service: Service, *, kind: str | None = None, topic: str | None = None, study: str | None = None
) -> list[DeadLetter]:
    """Return the events that could not be handled, the oldest first."""
    from storage.events.boxes import Boxes

    with Boxes(service.workspace.home / "events") as boxes:
        return [_tell(each) for each in boxes.dead.find(kind=kind, topic=topic, study=study)]


def _tell(letter: Work) -> DeadLetter:
    return DeadLetter(
        id=letter.id, event=letter.ident.removeprefix("id:"), study=letter.study,
        topic=letter.topic, type=letter.type, source=letter.source, bytes=letter.bytes,
        tries=letter.tries, kind=letter.kind, reason=letter.reason, at=letter.at,
    )  # fmt: skip
