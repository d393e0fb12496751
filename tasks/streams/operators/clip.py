"""Clip: prices that jump further than they can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from pydantic import Field

from configs.section import Section
from tasks.streams.event import Candle, Trade
from tasks.streams.operators.port import EventOperator

if TYPE_CHECKING:
    from tasks.streams.event import Event, Scales


class Jump(Section):
    """How far a number may go in one step, and what is done beyond."""

    jump: Annotated[float, Field(gt=0, le=10)]
    """Share of the price before, as 0.2."""
    do: Literal["flag", "clip", "drop"] = "flag"
    """`flag`: it is counted. `clip`: it is pulled in to the bound. `drop`: it goes no further."""
    believe: Annotated[int, Field(ge=1, le=1_000)] = 3
    """After so many in a row beyond the same bound, the new level is believed."""


class Jumps(Section):
    """What is looked at."""

    price: Jump
    """Of candles the close; they are flagged or dropped, never pulled in."""


class Clip(EventOperator):
    """Heeds prices that jump: a jump that stays is a move, one that does not a slip of the source.

    Look-ahead: none; events of the same symbol before it.

    Examples
    --------
    >>> from tasks.streams.event import Scales, Trade
    >>> calm = Clip(Jumps(price=Jump(jump=0.2, do="clip")), Scales(0, 0))
    >>> [calm.take(Trade("A", 0, 0, price, 1)).price for price in (100, 500, 101)]
    [100, 120, 101]
    """

    ordered = True

    def __init__(self, settings: Jumps, scales: Scales) -> None:
        super().__init__(settings, scales)
        self._rule = settings.price
        self._last: dict[str, list[int]] = {}

    def take(self, event: Event) -> Event | str:
        """Return the event, as the rule leaves it."""
        price = event.close if isinstance(event, Candle) else event.price
        last = self._last.get(event.symbol)
        if last is None:
            self._last[event.symbol] = [price, 0]
            return event
        before, beyond = last
        away = price - before
        bound = int(self._rule.jump * abs(before))
        if abs(away) <= bound:
            last[0], last[1] = price, 0
            return event
        side = beyond + 1 if away > 0 else beyond - 1
        last[1] = side if side * away > 0 else (1 if away > 0 else -1)
        self._notes["jump"] += 1
        if abs(last[1]) >= self._rule.believe:
            last[0], last[1] = price, 0
            return event
        return self._ruled(event, before + bound if away > 0 else before - bound)

    def _ruled(self, event: Event, bound: int) -> Event | str:
        if self._rule.do == "drop":
            return "jump"
        if self._rule.do == "clip" and isinstance(event, Trade):
            return msgspec.structs.replace(event, price=bound)
        return event

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return self._last

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
        self._last = state
