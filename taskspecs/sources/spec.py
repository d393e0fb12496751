"""The SourceSpec: one live source, complete enough to be run, recorded and replayed."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from taskspecs.schema import Name, Symbol
from taskspecs.sources.connection import Connection
from taskspecs.sources.decoding import DecodeSpec
from taskspecs.sources.flow import FlowSections


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("it is no zone; write it as `Asia/Hong_Kong` or `UTC`")
    return name


def _once(symbols: tuple[str, ...]) -> tuple[str, ...]:
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise ValueError(f"the symbol `{symbol}` is there twice")
    return symbols


class SourceSpec(FlowSections):
    """A live source."""

    kind: Literal["source"] = "source"
    name: Name
    """Its journal, its tables' rows and its events carry it."""
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""
    """What it brings, and what a person would search for."""
    licence: Annotated[str, StringConstraints(max_length=500)] = ""
    """What its owner asks of those who use the data."""
    symbols: Annotated[tuple[Symbol, ...], Field(max_length=5_000), AfterValidator(_once)] = ()
    """What is asked for, by our names; default what comes."""
    connect: Connection
    """How it is reached."""
    decode: DecodeSpec
    """How its messages become events."""
    history: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")] | None = None
    """The history by name that fills gaps and `qraft data fetch`; default the format's own."""
    history_url: Annotated[str, StringConstraints(min_length=8, max_length=2_000)] | None = None
    """The place that the history is asked at, as `https://api.exchange.example`; default the
    format's own."""
    exchange_zone: Annotated[str, Field(max_length=64), AfterValidator(_zone)] = "UTC"
    """The zone in which days and hours of bars are counted."""
