"""Validate: events whose numbers cannot be go no further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from pydantic import model_validator

from configs.section import Section
from tasks.streams.event import Candle
from tasks.streams.operators.port import EventOperator

if TYPE_CHECKING:
    from tasks.streams.event import Event, Scales

Limits = tuple[int, int]
"""The least and the largest whole number that may be."""
ANY: Final[Limits] = (-(1 << 62), 1 << 62)


class Bound(Section):
    """Bounds of a number, in its unit."""

    above: float | None = None
    """It is larger than this."""
    least: float | None = None
    """It is not smaller than this."""
    below: float | None = None
    """It is smaller than this."""
    most: float | None = None
    """It is not larger than this."""


class Bounds(Section):
    """What numbers may be; of candles, `price` is each of open, high, low and close."""

    price: Bound = Bound()
    size: Bound = Bound()
    """Of candles the volume."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self == Bounds.model_construct():
            raise ValueError("say what `price` or `size` may be, as `price: {above: 0}`")
        return self


class Validate(EventOperator):
    """Drops events whose price or size is out of bounds, as `price` or `size`.

    Look-ahead: none; each event alone.

    Examples
    --------
    >>> from tasks.streams.event import Scales, Trade
    >>> sound = Validate(Bounds.model_validate({"price": {"above": 0}}), Scales(2, 2))
    >>> sound.take(Trade("A", 0, 0, price=-5, size=1))
    'price'
    """

    def __init__(self, settings: Bounds, scales: Scales) -> None:
        super().__init__(settings, scales)
        self._price = _limits(settings.price, 10**scales.price_decimals)
        self._size = _limits(settings.size, 10**scales.size_decimals)

    def take(self, event: Event) -> Event | str:
        """Return the event, or what is wrong with it."""
        least, most = self._price
        if isinstance(event, Candle):
            if not (least <= event.low and event.high <= most):
                return "price"
            size = event.volume
        else:
            if not least <= event.price <= most:
                return "price"
            size = event.size
        least, most = self._size
        return event if least <= size <= most else "size"


def _limits(bound: Bound, unit: int) -> Limits:
    """Return the bounds as whole numbers, both of them included."""
    from math import ceil, floor

    least, most = ANY
    if bound.above is not None:
        least = floor(bound.above * unit) + 1
    if bound.least is not None:
        least = max(least, ceil(bound.least * unit))
    if bound.below is not None:
        most = ceil(bound.below * unit) - 1
    if bound.most is not None:
        most = min(most, floor(bound.most * unit))
    return least, most
