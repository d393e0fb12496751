"""How far apart bars are: one table of all that is known of each distance, and what makes what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from configs.errors import BadInput, in_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

Frequency = Literal["1min", "5min", "15min", "30min", "1h", "day", "week", "month"]


class Bars(NamedTuple):
    """What is known of bars of one frequency.

    Attributes
    ----------
    distance
        Between two bars, usually.
    polars
        As Polars writes it.
    length
        How long a bar is, in words.
    adjective
        What such bars are called.
    spellings
        How names of files say it, in small letters; beside the frequency's own name.
    longest
        The longest distance where it varies; default the usual one.
    """

    distance: timedelta
    polars: str
    length: str
    adjective: str
    spellings: tuple[str, ...]
    longest: timedelta | None = None


_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)

FREQUENCIES: Final[Mapping[Frequency, Bars]] = {
    "1min": Bars(_MINUTE, "1m", "one minute", "1-minute", ("1m", "m1", "minute", "1minute")),
    "5min": Bars(5 * _MINUTE, "5m", "five minutes", "5-minute", ("5m", "m5")),
    "15min": Bars(15 * _MINUTE, "15m", "fifteen minutes", "15-minute", ("15m", "m15")),
    "30min": Bars(30 * _MINUTE, "30m", "half an hour", "30-minute", ("30m", "m30")),
    "1h": Bars(
        60 * _MINUTE, "1h", "one hour", "hourly",
        ("60m", "60min", "h1", "hour", "hourly", "1hour"),
    ),
    "day": Bars(_DAY, "1d", "one day", "daily", ("1d", "d1", "d", "daily", "1day")),
    "week": Bars(7 * _DAY, "1w", "one week", "weekly", ("1w", "w1", "weekly", "1wk")),
    "month": Bars(
        30 * _DAY, "1mo", "one month", "monthly", ("1mo", "mn", "mn1", "monthly"), 31 * _DAY
    ),
}  # fmt: skip
"""The finest first."""

FINEST_FIRST: Final = tuple(FREQUENCIES)

MINUTES: Final[Mapping[Frequency, int]] = {
    name: bars.distance // _MINUTE for name, bars in FREQUENCIES.items() if bars.distance < _DAY
}
"""Lengths of the bars of which several fit in a day."""


def refuse_finer(frequency: Frequency, wanted: Frequency) -> None:
    """Refuse to make bars of bars that are not finer, or that do not fill them.

    Parameters
    ----------
    frequency
        What there is.
    wanted
        What is asked for.

    Raises
    ------
    BadInput
        At ``aggregation.bars``, with what could be made instead.

    Examples
    --------
    >>> refuse_finer("1min", "5min")
    >>> refuse_finer("week", "month")
    Traceback (most recent call last):
    ...
    configs.errors.BadInput: TaskSpec, key aggregation.bars: a month is not made of whole weeks
    bars of day or finer make months
    """
    place = in_spec("aggregation.bars")
    coarser = FINEST_FIRST[FINEST_FIRST.index(frequency) + 1 :]
    if (frequency, wanted) == ("week", "month"):
        raise BadInput(
            "a month is not made of whole weeks",
            place=place,
            hint="bars of day or finer make months",
        )
    if wanted not in coarser:
        possible = [name for name in coarser if (frequency, name) != ("week", "month")]
        raise BadInput(
            f"bars of {frequency} cannot make bars of {wanted}",
            place=place,
            hint=f"allowed: {', '.join(possible)}" if possible else "leave `aggregation.bars` out",
        )
