"""Live sources: those there are, and how those are that were recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from agent.service.model import Model
from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    from agent.service.service import Service

AtWork = Literal["running", "ended", "failed", "gone", "never"]


class Source(Model):
    """How a recorded source is."""

    source: str
    record: AtWork
    """The process that writes its journal."""
    flow: AtWork
    """The process that makes what follows from it."""
    trouble: str
    silent_s: float | None
    """Seconds since a message came."""
    behind_s: float
    """By how much its flow is behind its journal."""
    unprojected: bool
    """Whether the warehouse lacks something that is on the disk."""
    connections: int
    keep_every: int
    """Of the values that are watched, each so-many-th is looked at; 1 is each."""
    segments: int
    bytes: int
    counts: dict[str, Any]
    """What came, what was made, what was dropped by reason, gaps."""
    thresholds: dict[str, Any]
    watermark_us: int | None
    document: str
    """Digest of the document that is in force."""


def list_sources(service: Service) -> list[Source]:
    """Return the sources that were recorded here; reads files only, and opens no store."""
    from agent.live.status import statuses

    return [Source(**each) for each in statuses(service.workspace)]


def show_source(service: Service, name: str) -> Source:
    """Return how one source is.

    Raises
    ------
    BadInput
        If none of that name was recorded.
    """
    from agent.live.home import sources_here
    from agent.live.status import status

    known = sources_here(service.workspace)
    if name not in known:
        raise BadInput(f"no source `{name}` was recorded here", hint=did_you_mean(name, known))
    return Source(**status(service.workspace, name))
