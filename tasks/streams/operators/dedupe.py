"""Dedupe: what came before goes no further."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from pydantic import Field, model_validator

from configs.section import Section
from tasks.streams.operators.port import EventOperator

if TYPE_CHECKING:
    from tasks.streams.event import Event, Scales

ARRIVAL = 2
"""Where the arrival stands among an event's fields."""


class Repeats(Section):
    """When two events are one."""

    by: Literal["sequence", "content"] = "sequence"
    """`sequence`: the same symbol and sequence number. `content`: all but the arrival is the same;
    also two trades that were really two, of a source that does not number them."""
    remember: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    """Of each symbol, so many of the last events are compared with."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, said: Any) -> Any:
        return {"by": said} if isinstance(said, str) else said


class Dedupe(EventOperator):
    """Drops events that came before, as `repeated`. Those without a sequence number go on.

    Look-ahead: none; events before it.

    Examples
    --------
    >>> from tasks.streams.event import Scales, Trade
    >>> once = Dedupe(Repeats.model_validate("sequence"), Scales(2, 2))
    >>> [once.take(Trade("A", 0, 0, 1, 1, sequence=n)) == "repeated" for n in (1, 2, 1)]
    [False, False, True]
    """

    ordered = True

    def __init__(self, settings: Repeats, scales: Scales) -> None:
        super().__init__(settings, scales)
        self._by_sequence = settings.by == "sequence"
        self._remember = settings.remember
        self._seen: dict[str, tuple[set[Any], deque[Any]]] = {}

    def take(self, event: Event) -> Event | str:
        """Return the event, unless it came before."""
        key: Any = event.sequence
        if not self._by_sequence:
            fields = msgspec.structs.astuple(event)
            key = fields[1:ARRIVAL] + fields[ARRIVAL + 1 :]
        elif key < 0:
            return event
        known = self._seen.get(event.symbol)
        if known is None:
            known = self._seen[event.symbol] = (set(), deque())
        keys, by_age = known
        if key in keys:
            return "repeated"
        keys.add(key)
        by_age.append(key)
        if len(by_age) > self._remember:
            keys.discard(by_age.popleft())
        return event

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return {symbol: list(by_age) for symbol, (_, by_age) in self._seen.items()}

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
        self._seen = {symbol: (set(keys), deque(keys)) for symbol, keys in state.items()}
