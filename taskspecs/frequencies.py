"""Which bars can be made of which."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from configs.errors import BadInput, in_spec
from taskspecs.schema import Frequency

if TYPE_CHECKING:
    from collections.abc import Mapping

FINEST_FIRST: tuple[Frequency, ...] = get_args(Frequency)

MINUTES: Mapping[Frequency, int] = {"1min": 1, "5min": 5, "15min": 15, "30min": 30, "1h": 60}
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
