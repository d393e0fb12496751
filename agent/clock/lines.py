"""The same schedule for the system's own clocks: crontab and systemd."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from configs.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from taskspecs.rerunning import ScheduleSpec

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NUMBER = r"\d{1,2}"
_PART = re.compile(rf"(?P<first>\*|{_NUMBER})(?:-(?P<last>{_NUMBER}))?(?:/(?P<step>{_NUMBER}))?")


def command(program: Path, workspace: Path, study: str) -> str:
    """Return the command that runs what is due of a study."""
    return shlex.join([str(program), "--workspace", str(workspace), "schedule", "run", study,
                       "--once"])  # fmt: skip


def crontab(schedule: ScheduleSpec, command: str) -> str:
    """Return the lines for a crontab; ``%`` has a meaning of its own there."""
    escaped = command.replace("%", r"\%")
    return f"CRON_TZ={schedule.timezone}\n{schedule.cron} {escaped}\n"


def systemd(schedule: ScheduleSpec, study: str, command: str) -> dict[str, str]:
    """Return the unit files of a timer, by their names.

    Raises
    ------
    BadInput
        If systemd cannot say what the cron line says.

    Examples
    --------
    >>> from taskspecs.rerunning import ScheduleSpec
    >>> weekdays = ScheduleSpec(cron="30 18 * * 1-5", timezone="America/New_York")
    >>> print(systemd(weekdays, "momentum", "qraft")["qraft-momentum.timer"].splitlines()[4])
    OnCalendar=Mon..Fri *-*-* 18:30:00 America/New_York
    """
    service = (
        f"[Unit]\nDescription=Qraft: {study}\n\n[Service]\nType=oneshot\nExecStart={command}\n"
    )
    timer = (
        f"[Unit]\nDescription=Qraft: when {study} is due\n\n[Timer]\n"
        f"OnCalendar={on_calendar(schedule)}\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    return {f"qraft-{study}.service": service, f"qraft-{study}.timer": timer}


def on_calendar(schedule: ScheduleSpec) -> str:
    """Return a cron line as systemd's calendar expression."""
    minute, hour, day, month, weekday = schedule.cron.split()
    if day != "*" and weekday != "*":
        raise BadInput(
            f"`{schedule.cron}` means either of two days, which systemd cannot say",
            next_command="qraft schedule install --for cron",
        )
    days = "" if weekday == "*" else f"{_weekdays(weekday, schedule.cron)} "
    date = f"*-{_field(month, 1, schedule.cron)}-{_field(day, 1, schedule.cron)}"
    time = f"{_field(hour, 0, schedule.cron)}:{_field(minute, 0, schedule.cron)}:00"
    return f"{days}{date} {time} {schedule.timezone}"


def _field(text: str, lowest: int, line: str) -> str:
    return ",".join(_part(part, lowest, line) for part in text.split(","))


def _part(text: str, lowest: int, line: str) -> str:
    match = _PART.fullmatch(text)
    if match is None:
        raise _cannot(text, line)
    first, last, step = match["first"], match["last"], match["step"]
    if first == "*":
        return f"{lowest:02d}/{step}" if step else "*"
    if last and step:
        return f"{int(first):02d}..{int(last):02d}/{step}"
    if last:
        return f"{int(first):02d}..{int(last):02d}"
    return f"{int(first):02d}/{step}" if step else f"{int(first):02d}"


def _weekdays(text: str, line: str) -> str:
    parts = []
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None or match["step"] or match["first"] == "*" or int(match["first"]) > 7:
            raise _cannot(part, line)
        first = _DAYS[int(match["first"])]
        parts.append(f"{first}..{_DAYS[int(match['last'])]}" if match["last"] else first)
    return ",".join(parts)


def _cannot(part: str, line: str) -> BadInput:
    return BadInput(
        f"`{part}` in `{line}` cannot be said to systemd",
        next_command="qraft schedule install --for cron",
    )
