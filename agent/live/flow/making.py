"""How flows come to be of the documents and states that a journal and a checkpoint hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.live.flow.flowing import Make
from configs.errors import Damaged

if TYPE_CHECKING:
    from agent.live.flow.flowing import Flowing
    from taskspecs.sources.load import Known
    from taskspecs.sources.spec import SourceSpec


def known() -> Known:
    """Return the names that documents may use."""
    from tasks.streams.decoding import known as named
    from tasks.streams.operators.registry import check

    return named(check)


def shipped() -> Make:
    """Return the way of flows that ship."""
    return Make(_new, _thaw, _decimals)


def _new(spec: SourceSpec) -> Flowing:
    from tasks.streams.decoding import make
    from tasks.streams.flow import Flow

    return Flow(spec, make(spec))


def _thaw(state: bytes) -> Flowing:
    from tasks.detection.execution.state import NoState
    from tasks.streams.flow import Flow

    try:
        return Flow.thaw(state)
    except NoState as error:
        raise Damaged(f"the state of a flow cannot be taken up: {error}") from error


def _decimals(spec: SourceSpec) -> tuple[int, int, int]:
    from tasks.streams.decoding import make

    scales = make(spec).scales
    return scales.price_decimals, scales.size_decimals, scales.amount_decimals
