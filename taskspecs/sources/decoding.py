"""What a message means: a named format, or a map from its fields to ours."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from configs.section import Section

FieldPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_$\-]+(\.[A-Za-z0-9_$\-]+)*$")]
"""Where a value stands in a message: keys of objects and places in lists, as `data.0.p`."""
Decimals = Annotated[int, Field(ge=0, le=12)]


class NumberField(Section):
    """A number of a message; with decimals it is an integer on the wire to the window."""

    path: FieldPath
    """Where it stands."""
    decimals: Decimals
    """Digits behind the point that count: sums of such numbers are exact."""


class TimeField(Section):
    """A time of a message."""

    path: FieldPath
    unit: Literal["s", "ms", "us", "ns", "iso"] = "ms"
    """Since 1970, UTC; `iso`: a text with a zone, or of UTC."""


class FieldMap(Section):
    """Where the fields of an event stand in a message."""

    each: FieldPath | None = None
    """The list whose members are the events; default the message is one, or is such a list."""
    only: dict[FieldPath, str | int | bool] = Field(default_factory=dict, max_length=16)
    """Messages, or members, of other values are passed over, as `e: trade`."""
    symbol: FieldPath | None = None
    """Default the source's only symbol."""
    ts: TimeField
    """The event's time; of a candle its end."""
    sequence: FieldPath | None = None
    """A whole number that grows; with `step` 1 a missing one is a gap."""
    price: NumberField | None = None
    size: NumberField | None = None
    side: FieldPath | None = None
    """`buy` or `sell`, of the one who took."""
    open: NumberField | None = None
    high: NumberField | None = None
    low: NumberField | None = None
    close: NumberField | None = None
    volume: NumberField | None = None
    amount: NumberField | None = None
    closed: FieldPath | None = None
    """Of candles: whether it is over; candles under way are passed over."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        candle = (self.open, self.high, self.low, self.close)
        if (self.price is None) == (None in candle):
            raise ValueError("events are trades with `price`, or candles with open to close")
        return self


class DecodeSpec(Section):
    """How messages become events."""

    format: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")] | None = None
    """A format by name; `qraft sources list` shows them."""
    text: Literal["json", "csv"] = "json"
    """What a message is written in; of CSV, fields are named by its heading."""
    fields: FieldMap | None = None
    """Where the fields stand, where no format is named."""
    symbols: dict[str, str] = Field(default_factory=dict, max_length=5_000)
    """Their name of a symbol to ours, as `BTCUSDT: BTC-USDT`; default as it is."""

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.format is None) == (self.fields is None):
            raise ValueError("name a `format`, or map `fields`")
        return self
