"""Times: events of sources that count another time are brought to UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from pydantic import Field

from configs.section import Section
from tasks.streams.operators.port import EventOperator

if TYPE_CHECKING:
    from tasks.streams.event import Event, Scales

DAY_S = 86_400


class Shift(Section):
    """What is done to the times of events."""

    shift_s: Annotated[float, Field(ge=-DAY_S, le=DAY_S)] = 0.0
    """Seconds that are added, as -28800 for one that calls the time of Shanghai UTC."""
    take: Literal["source", "arrival"] = "source"
    """`arrival`: the time at which an event came here; for sources that know none."""
    whole_ms: Annotated[int, Field(ge=1, le=3_600_000)] | None = None
    """Times are brought down to whole so many milliseconds."""


class Times(EventOperator):
    """Changes the times of events.

    Look-ahead: none; each event alone.

    Examples
    --------
    >>> from tasks.streams.event import Scales, Trade
    >>> Times(Shift(shift_s=-1), Scales(2, 2)).take(Trade("A", 5_000_000, 0, 1, 1)).ts_us
    4000000
    """

    def __init__(self, settings: Shift, scales: Scales) -> None:
        super().__init__(settings, scales)
        self._shift_us = round(settings.shift_s * 1e6)
        self._by_arrival = settings.take == "arrival"
        self._whole_us = 1_000 * (settings.whole_ms or 0)

    def take(self, event: Event) -> Event | str:
        """Return the event at its time."""
        ts = (event.arrival_us if self._by_arrival else event.ts_us) + self._shift_us
        if self._whole_us:
            ts -= ts % self._whole_us
        return event if ts == event.ts_us else msgspec.structs.replace(event, ts_us=ts)
