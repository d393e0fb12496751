"""Times of messages: microseconds since 1970, UTC, exactly, and never absurd."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from tasks.streams.decoding.numerals import scaled
from tasks.streams.event import Malformed

EARLIEST_US: Final = 315_532_800_000_000
"""1980: a time before it is a clock that was never set."""
AHEAD_US: Final = 86_400_000_000
"""A time further ahead of its arrival is a mistake."""
DECIMALS: Final = {"s": 6, "ms": 3, "us": 0, "ns": -3}
"""Digits by which a unit is scaled to microseconds."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.,]{5,20}(Z|[+-][0-9:]{2,6})?)?")


def checked(ts_us: int, arrival_us: int) -> int:
    """Return a time.

    Raises
    ------
    Malformed
        `time` if it is before 1980, or more than a day after it came.
    """
    if not EARLIEST_US <= ts_us <= arrival_us + AHEAD_US:
        raise Malformed("time", "a time before 1980, or more than a day ahead")
    return ts_us


def from_number(text: str, unit: str, arrival_us: int) -> int:
    """Return a time that is written as a number since 1970, cut to microseconds.

    Raises
    ------
    Malformed
        As :func:`checked`, and for what is no number.
    """
    decimals = DECIMALS[unit]
    if decimals >= 0:
        return checked(scaled(text, decimals, cut=True), arrival_us)
    return checked(scaled(text, 0, cut=True) // 10**-decimals, arrival_us)


def from_iso(text: str, arrival_us: int) -> int:
    """Return a time that is written as a date; one without a zone is of UTC.

    Raises
    ------
    Malformed
        As :func:`checked`, and for what is no date.
    """
    if len(text) > 40 or not _ISO.fullmatch(text):
        raise Malformed("time", "no time")
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return checked((when - _EPOCH) // _MICROSECOND, arrival_us)
    except (ValueError, OverflowError):
        raise Malformed("time", "no time") from None
