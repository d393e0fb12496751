"""The fields of a cron line as sets, read by the library that tells when it is due; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

A_DAY = 24 * 60
LOOK_AHEAD = timedelta(days=2 * 366)
"""The rules of time zones repeat every year; what is read off two years holds for those after."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a cron line names.

    Attributes
    ----------
    texts
        The five fields as they are written.
    minutes, hours, days, months, weekdays
        Plain numbers; Sunday is 0.
    last_day, last_weekday
        Whether ``L`` and ``LW`` are among the days.
    nth
        Pairs of a weekday and its number within the month, ``0`` for the last.
    both
        Whether a day has to fit day and weekday, and not one of them, as Debian's cron has it
        where one of the two begins with a star.
    """

    texts: tuple[str, str, str, str, str]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    last_day: bool
    last_weekday: bool
    nth: frozenset[tuple[int, int]]
    both: bool

    @property
    def fixed(self) -> bool:
        """Whether it names times of the day, so that one that does not exist is moved."""
        return not self.texts[0].startswith("*") and not self.texts[1].startswith("*")


def read_fields(cron: str) -> Fields:
    """Read a cron line that is known to be one.

    Examples
    --------
    >>> fields = read_fields("*/25 8-10 * * FRI,7")
    >>> sorted(fields.minutes), sorted(fields.hours), sorted(fields.weekdays), fields.both
    ([0, 25, 50], [8, 9, 10], [0, 5], True)
    """
    from cronsim import CronSim

    read = CronSim(cron, datetime(2024, 1, 1, tzinfo=UTC))
    plain = {day for day in read.weekdays if isinstance(day, int)}
    nth = {day for day in read.weekdays if not isinstance(day, int)}
    minute, hour, day, month, weekday = cron.upper().split()
    return Fields(
        (minute, hour, day, month, weekday),
        frozenset(read.minutes),
        frozenset(read.hours),
        frozenset(number for number in read.days if number > 0),
        frozenset(read.months),
        frozenset(number % 7 for number in plain),
        last_day=CronSim.LAST in read.days,
        last_weekday=CronSim.LAST_WEEKDAY in read.days,
        nth=frozenset((number % 7, max(which, 0)) for number, which in nth),
        both=read.day_and,
    )


def compressed(numbers: frozenset[int], between: str = "-") -> str:
    """Write numbers as ranges and single ones.

    Examples
    --------
    >>> compressed(frozenset({0, 2, 3, 4, 9, 10}))
    '0,2-4,9-10'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}{between}{b}" for a, b in runs)


@lru_cache(maxsize=64)
def gaps(zone: str, now: datetime) -> frozenset[tuple[int, int, int]]:
    """Return the times of the day that clocks jump over: from, to (minutes), and month."""
    local = ZoneInfo(zone)
    seen = set()
    for at in _hours(now):
        before, after = at.astimezone(local), (at + timedelta(hours=1)).astimezone(local)
        jump = (after.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
        if jump <= timedelta():
            continue
        edge = _edge(at, local)
        end = edge.hour * 60 + edge.minute
        seen.add((end - jump // timedelta(minutes=1), end, edge.month))
    return frozenset(seen)


@lru_cache(maxsize=64)
def differences(zone: str, other: ZoneInfo, now: datetime) -> frozenset[int]:
    """Return by how many minutes the clocks of another zone are ahead of those of `zone`."""
    local = ZoneInfo(zone)
    return frozenset(
        ((at.astimezone(other).utcoffset() or timedelta())
         - (at.astimezone(local).utcoffset() or timedelta())) // timedelta(minutes=1)
        for at in _hours(now)
    )  # fmt: skip


def moved(fields: Fields, zone: str, now: datetime) -> dict[int, set[int]]:
    """Return the times of the day, in minutes, to which what does not exist is moved, by month."""
    times: dict[int, set[int]] = {}
    if fields.fixed:
        for begin, end, month in gaps(zone, now):
            if any(begin <= h * 60 + m < end for h in fields.hours for m in fields.minutes):
                times.setdefault(end, set()).add(month)
    return times


def _hours(now: datetime) -> Iterator[datetime]:
    at = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for number in range(LOOK_AHEAD // timedelta(hours=1)):
        yield at + timedelta(hours=number)


def _edge(hour: datetime, local: ZoneInfo) -> datetime:
    """Return the first local time after a jump within an hour from `hour` on."""
    offset = hour.astimezone(local).utcoffset()
    minute = next(
        number
        for number in range(1, 61)
        if (hour + timedelta(minutes=number)).astimezone(local).utcoffset() != offset
    )
    return (hour + timedelta(minutes=minute)).astimezone(local)
