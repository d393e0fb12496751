"""Gaps: what did not come, and what is asked of the source's history because of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

NEVER = -(1 << 62)
"""Before all times."""
FOREVER = 1 << 62
"""After all times."""
LINE = "line"


class Gap(NamedTuple):
    """Something that did not come, or has come after all.

    Attributes
    ----------
    symbol
        "" for all of the source.
    first, last
        Sequence numbers, both missing; -1 where the source has none.
    since_us, until_us
        Times of the events before and behind it, microseconds since 1970, UTC.
    state
        `missing` as it is told, then `filled` or `given_up`; `line` where the line was lost.
    at_us
        Arrival time at which this was noticed.
    """

    symbol: str
    first: int
    last: int
    since_us: int
    until_us: int
    state: Literal["missing", "filled", "given_up", "line"]
    at_us: int


class Want(NamedTuple):
    """What the source's history is asked for; see :class:`Gap`."""

    symbol: str
    first: int
    last: int
    since_us: int
    until_us: int


class Hole(msgspec.Struct):
    """A gap while it lasts.

    Attributes
    ----------
    noticed
        Arrival time at which the first event behind it came.
    told
        What was said of it, once it was.
    until
        Arrival time until which the history is waited for; 0 where it is not.
    """

    noticed: int
    told: Gap | None = None
    until: int = 0
