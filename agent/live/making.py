"""How flows come to be of the documents and states that a journal and a checkpoint hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.live.flowing import Make

if TYPE_CHECKING:
    from agent.live.flowing import Flowing
    from taskspecs.sources.spec import SourceSpec


def shipped() -> Make:
    """Return the way of flows that ship."""
    return Make(_new, _thaw)


def _new(spec: SourceSpec) -> Flowing:
    from tasks.streams.decoding import make
    from tasks.streams.flow import Flow

    return Flow(spec, make(spec))


def _thaw(state: bytes) -> Flowing:
    from tasks.streams.flow import Flow

    return Flow.thaw(state)
