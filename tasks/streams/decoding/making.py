"""From a SourceSpec to what reads its messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from configs.errors import BadInput, did_you_mean, in_spec
from tasks.streams.decoding.field_map import MappedFields
from tasks.streams.decoding.format import joined
from tasks.streams.decoding.formats import FORMATS, HISTORIES
from tasks.streams.decoding.history import HOUR_US, MINUTE_US, SECOND_US
from tasks.streams.decoding.names import Names
from taskspecs.sources.load import Known
from taskspecs.sources.urls import asks_each_alone

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tasks.streams.decoding.format import Format
    from tasks.streams.decoding.port import Decoder
    from tasks.streams.event import Scales
    from taskspecs.sources.spec import SourceSpec

_UNITS: Final = {"s": SECOND_US, "min": MINUTE_US, "h": HOUR_US}
_LENGTH: Final = re.compile(r"([0-9]+)(s|min|h)")


def known(check_operator: Callable[[str, Any, bool], None] | None = None) -> Known:
    """Return what there is, for `taskspecs.sources.load`, which knows no names of its own."""
    formats = {name: each.history is not None for name, each in FORMATS.items()}
    filled = frozenset(
        name
        for name, each in FORMATS.items()
        if each.history is not None and (each.of_candles or each.history.trades)
    )
    return Known(formats, filled, frozenset(HISTORIES), check_operator)


def make(spec: SourceSpec) -> Decoder:
    """Return what reads a source's messages, with nothing read yet.

    Raises
    ------
    BadInput
        If the document names a format or a history that is not there.
    """
    if spec.decode.fields is not None:
        alone = spec.connect.by == "poll" and asks_each_alone(spec.connect.url)
        decoder: Decoder = MappedFields(
            names_of(spec), spec.decode.fields, text=spec.decode.text, each_alone=alone,
            every_us=length_us(spec.bars.every),
        )  # fmt: skip
    else:
        chosen = format_of(spec)
        decoder = chosen.decoder(names_of(spec), _scales(spec, chosen))
        if chosen.history is not None:
            decoder.history = chosen.history()
    if spec.history is not None:
        if spec.history not in HISTORIES:
            raise _unknown("history", spec.history, HISTORIES)
        decoder.history = HISTORIES[spec.history]()
    return decoder


def names_of(spec: SourceSpec) -> Names:
    """Return a source's symbols, by their names and ours."""
    written = joined("-") if spec.decode.format is None else format_of(spec).written
    return Names(spec.symbols, written, spec.decode.symbols)


def counts_candles(spec: SourceSpec) -> bool:
    """Whether a source's events are candles, so that what is missing is asked for as such."""
    if spec.decode.fields is not None:
        return spec.decode.fields.price is None
    return format_of(spec).of_candles


def format_of(spec: SourceSpec) -> Format:
    """Return the format that a document names."""
    name = spec.decode.format or ""
    if name not in FORMATS:
        raise _unknown("format", name, FORMATS)
    return FORMATS[name]


def length_us(written: str) -> int:
    """Return how long a bar is, in microseconds.

    Examples
    --------
    >>> length_us("5min")
    300000000
    """
    found = _LENGTH.fullmatch(written)
    if found is None:
        raise BadInput(f"`{written}` is no length of a bar", hint="as 10s, 1min, 1h")
    return int(found[1]) * _UNITS[found[2]]


def _scales(spec: SourceSpec, chosen: Format) -> Scales:
    given = {
        "price_decimals": spec.decode.price_decimals,
        "size_decimals": spec.decode.size_decimals,
    }
    return msgspec.structs.replace(
        chosen.scales, **{name: value for name, value in given.items() if value is not None}
    )


def _unknown(what: str, name: str, there: dict[str, Any]) -> BadInput:
    key = "decode.format" if what == "format" else what
    return BadInput(
        f"there is no {what} `{name}`", place=in_spec(key), hint=did_you_mean(name, there)
    )
