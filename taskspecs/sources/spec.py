"""The SourceSpec: one live source, complete enough to be run, recorded and replayed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from taskspecs.schema import Name, Symbol
from taskspecs.sources.connection import Connection
from taskspecs.sources.decoding import DecodeSpec
from taskspecs.sources.flow import FlowSections


class SourceSpec(FlowSections):
    """A live source."""

    kind: Literal["source"] = "source"
    name: Name
    """Its journal, its tables' rows and its events carry it."""
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""
    licence: Annotated[str, StringConstraints(max_length=500)] = ""
    """What its owner asks of those who use the data."""
    symbols: Annotated[tuple[Symbol, ...], Field(max_length=5_000)] = ()
    """What is asked for, by our names; default what comes."""
    connect: Connection
    decode: DecodeSpec
    history: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")] | None = None
    """The history by name that fills gaps and `qraft data fetch`; default the format's own."""
    exchange_zone: str = Field(default="UTC", max_length=64)
    """The zone in which days and hours of bars are counted."""
