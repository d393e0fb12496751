"""What a message means: a named format, or a map from its fields to ours."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from configs.section import Section
from taskspecs.schema import Symbol

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
    """Where it stands."""
    unit: Literal["s", "ms", "us", "ns", "iso"] = "ms"
    """Since 1970, UTC; `iso`: a text with a zone, or of UTC."""
    of: Literal["end", "start"] = "end"
    """Of a candle: whether it is the time at which it ends, or begins; how long it is says
    `bars.every`."""


class FieldMap(Section):
    """Where the fields of an event stand in a message."""

    each: FieldPath | None = None
    """The list whose members are the events; default the message is one, or is such a list."""
    only: dict[FieldPath, str | int | bool] = Field(default_factory=dict, max_length=16)
    """Messages, or members, of other values are passed over, as `e: trade`."""
    symbol: FieldPath | None = None
    """Default the source's only symbol."""
    ts: TimeField
    """The event's time."""
    sequence: FieldPath | None = None
    """A whole number that grows; with `step` 1 a missing one is a gap."""
    price: NumberField | None = None
    """Of a trade."""
    size: NumberField | None = None
    """Of a trade; how much changed hands."""
    side: FieldPath | None = None
    """`buy` or `sell`, of the one who took."""
    open: NumberField | None = None
    """Of a candle."""
    high: NumberField | None = None
    """Of a candle."""
    low: NumberField | None = None
    """Of a candle."""
    close: NumberField | None = None
    """Of a candle."""
    volume: NumberField | None = None
    """Of a candle; how much changed hands."""
    amount: NumberField | None = None
    """Of a candle; the money that changed hands, cut to its decimals."""
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
    price_decimals: Decimals | None = None
    """Of a named format: digits behind the point of prices; default its own."""
    size_decimals: Decimals | None = None
    """Of a named format: digits behind the point of sizes and volumes; default its own."""
    symbols: dict[Annotated[str, StringConstraints(min_length=1, max_length=64)], Symbol] = Field(
        default_factory=dict, max_length=5_000
    )
    """Their name of a symbol to ours, as `BTCUSDT: BTC-USDT`; default as the format writes it, or
    as it is."""

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.format is None) == (self.fields is None):
            raise ValueError("name a `format`, or map `fields`")
        if self.fields is not None and (self.price_decimals, self.size_decimals) != (None, None):
            raise ValueError("decimals of mapped fields stand with each field")
        if self.format is not None and self.text != "json":
            raise ValueError("a named format knows what it is written in; leave out `text`")
        if self.text == "csv" and self.fields is not None and self.fields.each is not None:
            raise ValueError("each row of a CSV is an event; leave out `each`")
        if len(set(self.symbols.values())) != len(self.symbols):
            raise ValueError("two of their symbols cannot have one name of ours")
        return self
