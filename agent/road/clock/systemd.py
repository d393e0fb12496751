"""The same schedule for systemd's timers; pure.

As with cron, a timer fires at every time that is due and may fire more often, for the command
itself looks what is due. Time zones are systemd's own; a time that does not exist on a day when
clocks jump forward, which systemd leaves out, has a line of its own.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from agent.road.clock.fields import Fields, compressed, moved, read_fields

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from taskspecs.rerunning import ScheduleSpec

MARK = "# Installed by `qraft schedule install`; `qraft schedule remove` takes it away."
_NAMES = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_WEEK = frozenset(range(7))
_MONTH = frozenset(range(1, 32))
_WORKDAYS = frozenset(range(1, 6))
Days = tuple[frozenset[int], str]
"""Weekdays, and days of the month as systemd writes them."""


def on_calendar(schedule: ScheduleSpec, now: datetime) -> list[str]:
    """Return systemd's calendar expressions for a schedule, which fire when any of them does.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from taskspecs.rerunning import ScheduleSpec
    >>> closing = ScheduleSpec(cron="30 18 * * 0-5", timezone="Asia/Shanghai")
    >>> on_calendar(closing, datetime(2024, 1, 1, tzinfo=UTC))
    ['Mon,Tue,Wed,Thu,Fri,Sun *-*-* 18:30:00 Asia/Shanghai']
    >>> either = ScheduleSpec(cron="0 6 1 * MON")
    >>> on_calendar(either, datetime(2024, 1, 1, tzinfo=UTC))
    ['*-*-1 6:0:00 UTC', 'Mon *-*-* 6:0:00 UTC']
    """
    fields = read_fields(schedule.cron)
    month = _plain(fields.months, frozenset(range(1, 13)))
    hour = _plain(fields.hours, frozenset(range(24)))
    minute = _plain(fields.minutes, frozenset(range(60)))
    time = f"{hour}:{minute}:00 {schedule.timezone}"
    lines = [f"{_weekdays(week)}*-{month}{days} {time}" for week, days in _day_kinds(fields)]
    for end, months in sorted(moved(fields, schedule.timezone, now).items()):
        named = compressed(frozenset(months), "..")
        lines.append(f"*-{named}-* {end // 60}:{end % 60}:00 {schedule.timezone}")
    return list(dict.fromkeys(lines))


def units(
    schedule: ScheduleSpec, study: str, run: list[str], *, workspace: Path, env_file: Path,
    path: str, now: datetime,
) -> dict[str, str]:  # fmt: skip
    """Return the unit files of a timer, by their names.

    Parameters
    ----------
    run
        The command, its program first.
    env_file
        Holds secrets, as ``NAME=value``; it may be missing.
    path
        The PATH of the command.
    """
    name = unit_name(study, workspace)
    environment = _word(f"PATH={path}")
    service = "\n".join([
        MARK, "[Unit]", f"Description=Qraft: {study}", "", "[Service]", "Type=oneshot",
        f"WorkingDirectory={_specifiers(str(workspace))}", f"Environment={environment}",
        f"EnvironmentFile=-{_specifiers(str(env_file))}",
        f"ExecStart={' '.join([_word(run[0]), *(_argument(text) for text in run[1:])])}",
        # A run that fails is tried again; its time stays due until it is done, or the next comes.
        "Restart=on-failure", "RestartSec=5min",
        # Told to stop, the command lets the present run end, and begins no other.
        "KillMode=mixed", "",
    ])  # fmt: skip
    calendars = [f"OnCalendar={line}" for line in on_calendar(schedule, now)]
    timer = "\n".join([
        MARK, "[Unit]", f"Description=Qraft: when {study} is due", "", "[Timer]", *calendars,
        "AccuracySec=1s", "Persistent=true", "", "[Install]", "WantedBy=timers.target", "",
    ])  # fmt: skip
    return {f"{name}.service": service, f"{name}.timer": timer}


def unit_name(study: str, workspace: Path) -> str:
    """Return the name of a study's units; equal studies of two workspaces have different ones."""
    return f"qraft-{study}-{unit_suffix(workspace)}"


def unit_suffix(workspace: Path) -> str:
    """Return what the names of a workspace's units end with."""
    return sha256(str(workspace).encode()).hexdigest()[:8]


def _day_kinds(fields: Fields) -> list[Days]:
    """Return the kinds of days that a line names; a day counts if it is of one of them."""
    dates, weeks = _dates(fields), _weeks(fields)
    if not fields.both:
        return dates + weeks
    if weeks == [(_WEEK, "-*")]:
        return dates
    if dates == [(_WEEK, "-*")]:
        return weeks
    return [both for one in dates for other in weeks if (both := _in_both(one, other))]


def _dates(fields: Fields) -> list[Days]:
    kinds: list[Days] = []
    if fields.days:
        kinds.append((_WEEK, f"-{_plain(fields.days, _MONTH)}"))
    if fields.last_day:
        kinds.append((_WEEK, "~1"))
    if fields.last_weekday:
        # The last day, or the Friday before a weekend that ends the month.
        kinds += [(_WORKDAYS, "~1"), (frozenset({5}), "~2,3")]
    return kinds


def _weeks(fields: Fields) -> list[Days]:
    kinds: list[Days] = [(fields.weekdays, "-*")] if fields.weekdays else []
    for day, which in sorted(fields.nth):
        week = frozenset(range(7 * which - 6, min(7 * which, 31) + 1))
        kinds.append((frozenset({day}), f"-{compressed(week, '..')}" if which else "~7/1"))
    return kinds


def _in_both(one: Days, other: Days) -> Days | None:
    """Return the days that are of both kinds, or more where systemd cannot say it."""
    week = one[0] & other[0]
    if not week:
        return None
    days = other[1] if one[1] == "-*" else one[1]
    return week, days


def _weekdays(week: frozenset[int]) -> str:
    if week == _WEEK:
        return ""
    # Monday first: systemd's ranges end with Sunday, so the days are simply listed.
    return ",".join(_NAMES[day] for day in sorted(week, key=lambda day: (day - 1) % 7)) + " "


def _plain(numbers: frozenset[int], every: frozenset[int]) -> str:
    return "*" if numbers == every else compressed(numbers, "..")


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _word(text: str) -> str:
    """Quote a word as systemd reads it."""
    escaped = _specifiers(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped.replace(chr(10), chr(92) + "n")}"'


def _argument(text: str) -> str:
    """Quote an argument, in which systemd would also replace variables."""
    return _word(text.replace("$", "$$"))
