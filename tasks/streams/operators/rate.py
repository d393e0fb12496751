"""Rate: only so many events a second go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from configs.section import Section
from tasks.streams.operators.port import EventOperator

if TYPE_CHECKING:
    from tasks.streams.event import Event, Scales

SECOND_US = 1_000_000


class Limit(Section):
    """How many events of a symbol go on."""

    per_second: Annotated[int, Field(ge=1, le=1_000_000)]
    """Of each symbol, by the events' own time; the first of a second go on."""


class Rate(EventOperator):
    """Drops what is more than so many events of a symbol in a second, as `rate`.

    Volumes of bars lack what is dropped: it is for sources whose quotes are too many.

    Look-ahead: none; events of the same symbol and second before it.

    Examples
    --------
    >>> from tasks.streams.event import Scales, Trade
    >>> calm = Rate(Limit(per_second=1), Scales(2, 2))
    >>> [calm.take(Trade("A", ts, 0, 1, 1)) == "rate" for ts in (0, 999_999, 1_000_000)]
    [False, True, False]
    """

    ordered = True

    def __init__(self, settings: Limit, scales: Scales) -> None:
        super().__init__(settings, scales)
        self._most = settings.per_second
        self._seen: dict[str, list[int]] = {}

    def take(self, event: Event) -> Event | str:
        """Return the event, unless there were enough."""
        second = event.ts_us // SECOND_US
        seen = self._seen.setdefault(event.symbol, [second, 0])
        if seen[0] != second:
            seen[0], seen[1] = second, 0
        seen[1] += 1
        return event if seen[1] <= self._most else "rate"

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return self._seen

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
        self._seen = state
