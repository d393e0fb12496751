"""How far apart bars are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, in_spec
from taskspecs.frequencies import FREQUENCIES

if TYPE_CHECKING:
    from taskspecs.frequencies import Frequency

DISTANCE = {name: bars.distance for name, bars in FREQUENCIES.items()}
_MONTH = (timedelta(days=28), timedelta(days=31))
_LOOKED_AT = 50
_ENOUGH = 4


def is_intraday(frequency: Frequency) -> bool:
    """Whether several bars of this frequency fit in a day.

    Examples
    --------
    >>> is_intraday("1h"), is_intraday("day")
    (True, False)
    """
    return DISTANCE[frequency] < DISTANCE["day"]


@dataclass(frozen=True, slots=True)
class Distance:
    """The most frequent distance between two bars of a symbol."""

    step: timedelta
    count: int
    share: float


def distance(frame: pl.DataFrame) -> Distance | None:
    """Return the most frequent distance between two bars of a symbol.

    The first fifty symbols by name are looked at.

    Parameters
    ----------
    frame
        `symbol`, and `wall`: Datetime, the stamps as written.

    Returns
    -------
    Distance or None
        None when no symbol has two bars.
    """
    names = frame["symbol"].unique().sort().head(_LOOKED_AT)
    steps = (
        frame.filter(pl.col("symbol").is_in(names.implode()))
        .select("symbol", "wall")
        .unique()
        .sort("symbol", "wall")
        .select(step=pl.col("wall").diff(), same=pl.col("symbol") == pl.col("symbol").shift(1))
        .filter("same")["step"]
    )
    if steps.is_empty():
        return None
    counted = steps.value_counts(sort=False).sort("count", "step", descending=[True, False])
    step, count = counted.row(0)
    return Distance(step, count, count / steps.len())


def _fits(frame: pl.DataFrame, frequency: Frequency) -> bool:
    """Whether all stamps of a day are whole numbers of bars apart, and some bars are neighbours."""
    length = DISTANCE[frequency]
    since = frame["wall"].drop_nulls() - frame["wall"].dt.truncate("1d").drop_nulls()
    steps = since.unique().sort().diff().drop_nulls()
    whole = (since.dt.total_microseconds() % int(length.total_seconds() * 1e6) == 0).all()
    return bool(whole and len(steps) and (steps == length).any())


def _name_of(step: timedelta) -> Frequency | None:
    """Return the frequency that a distance between bars means, if any.

    Examples
    --------
    >>> _name_of(timedelta(minutes=5)), _name_of(timedelta(days=31))
    ('5min', 'month')
    """
    if _MONTH[0] <= step <= _MONTH[1]:
        return "month"
    return next((name for name, length in DISTANCE.items() if length == step), None)


def check(
    frame: pl.DataFrame, wanted: Frequency, *, name: str, named: Frequency | None = None
) -> None:
    """Refuse a file whose bars are clearly not as far apart as the spec says.

    Bars that are mostly closer are refused; bars that are mostly farther apart only when that
    means another frequency, for a symbol may be traded rarely, and when the file's name (`named`)
    does not say the same as the spec.

    Raises
    ------
    BadInput
        It says what was found.
    """
    seen = distance(frame)
    if seen is None or seen.share <= 0.5:
        return
    found = _name_of(seen.step)
    is_closer = seen.step < DISTANCE[wanted] and found != wanted
    is_other = found not in {None, wanted} and seen.count >= _ENOUGH and named != wanted
    if is_closer or is_other:
        holds = f"{found} bars" if found else f"bars {seen.step} apart"
        raise BadInput(
            f"`{name}` holds {holds}, but the spec says `frequency: {wanted}`",
            place=in_spec("data.frequency"),
            hint=f"write `frequency: {found}` under `data`" if found else _allowed(),
        )


def guess(frame: pl.DataFrame, *, name: str, named: Frequency | None = None) -> Frequency:
    """Return the frequency that the data shows, or the file's name where the data allow it.

    Where a symbol never has two bars it is what the name says, else `day`. Where bars without
    trades are left out, bars are farther apart than the name says.

    Raises
    ------
    BadInput
        If the bars are as far apart as no known frequency.
    """
    seen = distance(frame)
    if seen is None:
        return named or "day"
    found = _name_of(seen.step)
    if named and found != named and is_intraday(named) and _fits(frame, named):
        return named
    if found is None:
        raise BadInput(f"the bars of `{name}` are {seen.step} apart", hint=_allowed())
    return found


def _allowed() -> str:
    return f"allowed: {', '.join(FREQUENCIES)}"
