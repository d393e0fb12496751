"""What a journal holds: raw messages, ticks of the clock, and what was decided about the flow."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What a record is; its number is what stands in the file, and never changes its meaning."""

    RAW = 0
    """A message as it came; `body` is its bytes."""
    TICK = 1
    """The clock, about once a second while nothing comes; no body."""
    SPEC = 2
    """A document took effect; `body` is its canonical JSON."""
    OPENED = 3
    """The line to the source was made; `body` is JSON: connection's number, place."""
    CLOSED = 4
    """The line was lost or given up; `body` is JSON with `reason`."""
    HISTORY = 5
    """An answer of the source's history, asked for because of a gap; `body` is JSON: what was asked
    for, and the answer's text."""
    THINNED = 6
    """Detection is thinned from here on, or whole again; `body` is JSON `{"keep_every": n}`."""
    FEEDBACK = 7
    """A person's rating of a pattern; `body` is JSON."""
    JOINED = 8
    """A value of another source that this one joins; `body` is JSON `{"source", "symbol", "ts_us",
    "values": {name: number}}`."""


class Record(NamedTuple):
    """One record.

    Attributes
    ----------
    arrival_us
        When it came, microseconds since 1970, UTC; never smaller than the one before.
    kind
        See :class:`Kind`.
    body
        Bytes, at most 64 MiB.
    """

    arrival_us: int
    kind: Kind
    body: bytes


class Cursor(NamedTuple):
    """A place in a journal: between two records. Cursors are ordered as time is.

    Attributes
    ----------
    segment
        The segment's number, from 0.
    offset
        Bytes from its beginning.
    """

    segment: int
    offset: int


BEGINNING = Cursor(0, 0)
