"""The same schedule for the system's cron; pure.

A line has to fire at every time that is due, and may fire more often: the command itself looks what
is due, and ends in a moment if nothing is. So what crontab cannot say (other time zones, for
Debian's cron ignores CRON_TZ; the last day of a month) is said a little wider, never narrower.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.road.clock.fields import A_DAY, Fields, compressed, differences, moved, read_fields
from configs.errors import BadInput
from configs.remedies import Mend

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from taskspecs.rerunning import ScheduleSpec

LONGEST = 990
"""Characters of a line that every cron reads."""
PATIENCE_S = 1800
"""For so long a run that fails is tried again before cron's next firing does."""


@dataclass(frozen=True, slots=True)
class CronLine:
    """Five fields, in the time of the system's zone."""

    fields: str
    exact: bool
    """Whether it fires at no other time."""


def cron_line(schedule: ScheduleSpec, system: ZoneInfo, now: datetime) -> CronLine:
    """Return the fields for a system whose clocks are in a zone.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from zoneinfo import ZoneInfo
    >>> from taskspecs.rerunning import ScheduleSpec
    >>> closing = ScheduleSpec(cron="30 18 * * MON-FRI", timezone="America/New_York")
    >>> cron_line(closing, ZoneInfo("America/New_York"), datetime(2024, 1, 1, tzinfo=UTC)).fields
    '30 18 * * 1-5'
    >>> cron_line(closing, ZoneInfo("Europe/Berlin"), datetime(2024, 1, 1, tzinfo=UTC)).fields
    '30 0,23 * * *'
    """
    fields = read_fields(schedule.cron)
    ahead = differences(schedule.timezone, system, now)
    special = bool(fields.last_day or fields.last_weekday or fields.nth)
    if ahead == {0}:
        minute = _written(fields.texts[0], fields.minutes)
        hour = _written(fields.texts[1], fields.hours)
        return CronLine(f"{minute} {hour} {_days(fields)}", exact=not special)
    pairs = {h * 60 + m for h in fields.hours for m in fields.minutes}
    pairs |= moved(fields, schedule.timezone, now).keys()
    there = {at + minutes for at in pairs for minutes in ahead}
    days = _days(fields) if there <= set(range(A_DAY)) else "* * *"
    minutes = frozenset(at % 60 for at in there)
    hours = frozenset(at % A_DAY // 60 for at in there)
    hour = "*" if len(hours) == 24 else compressed(hours)
    exact = len(ahead) == 1 and not special and len(minutes) * len(hours) == len(there)
    return CronLine(
        f"{compressed(minutes)} {hour} {days}",
        exact=exact and (days != "* * *" or _days(fields) == "* * *"),
    )


def shell_command(program: Path, workspace: Path, spec: Path, env_file: Path) -> str:
    """Return the command that runs what is due, with secrets from a file, for cron's shell."""
    run = [
        str(program), "--workspace", str(workspace), "schedule", "run", str(spec), "--once",
        "--patience", str(PATIENCE_S),
    ]  # fmt: skip
    quoted = shlex.quote(str(env_file))
    path = shlex.quote(f"{program.parent}:/usr/local/bin:/usr/bin:/bin")
    script = (
        f"PATH={path}; export PATH; set -a; if [ -r {quoted} ]; then . {quoted}; fi; set +a; "
        f"exec {shlex.join(run)}"
    )
    return f"/bin/sh -c {shlex.quote(script)}"


def entry(line: CronLine, command: str) -> str:
    r"""Return the line of a crontab; ``%`` has a meaning of its own there.

    Raises
    ------
    BadInput
        If cron could not read it.

    Examples
    --------
    >>> print(entry(CronLine("0 6 * * *", True), "qraft --workspace /a%b"))
    0 6 * * * qraft --workspace /a\%b
    """
    text = f"{line.fields} {command.replace('%', chr(92) + '%')}"
    if "\n" in text or "\r" in text:
        raise BadInput(
            "a path with a line break cannot stand in a crontab", remedy=Mend.INSTALL_SCHEDULE()
        )
    if len(text.encode()) > LONGEST:
        raise BadInput(
            f"the crontab's line would have more than {LONGEST} characters",
            remedy=Mend.INSTALL_SCHEDULE(),
        )
    return text


def merge(present: str, workspace: Path, lines: list[str]) -> str:
    r"""Return a crontab with a workspace's lines; all others stay as they are.

    Examples
    --------
    >>> from pathlib import Path
    >>> mine = "MAILTO=me\n0 1 * * * backup\n"
    >>> merged = merge(mine, Path("/work"), ["0 6 * * * qraft"])
    >>> merge(merged, Path("/work"), ["0 6 * * * qraft"]) == merged
    True
    >>> merge(merged, Path("/work"), []) == mine
    True
    """
    begin, end = _marks(workspace)
    rest = re.sub(rf"(?ms)^{re.escape(begin)}$.*?^{re.escape(end)}$\n?", "", present)
    if begin in rest.splitlines() or end in rest.splitlines():
        raise BadInput(
            f"the crontab has only one end of the lines of {workspace}",
            hint=f"take what is left of them out by hand: crontab -e, `{begin}`",
        )
    if not lines:
        return rest
    if rest and not rest.endswith("\n"):
        rest += "\n"
    return "\n".join([f"{rest}{begin}", *lines, end, ""])


def _marks(workspace: Path) -> tuple[str, str]:
    shown = str(workspace).replace("\n", "?")
    return f"# >>> qraft schedule: {shown} >>>", f"# <<< qraft schedule: {shown} <<<"


def _days(fields: Fields) -> str:
    """Return day, month and weekday, wider where cron knows no such days."""
    _, _, day, month, weekday = fields.texts
    days, weekdays = fields.days, fields.weekdays
    if fields.last_day or fields.last_weekday:
        first = 26 if fields.last_weekday else 28
        days = days | frozenset(range(first, 32))
        day = "*" if day.startswith("*") else compressed(days)
    if fields.nth:
        weekdays = weekdays | {number for number, _ in fields.nth}
        weekday = "*" if weekday.startswith("*") else compressed(weekdays)
    return f"{_written(day, days)} {_written(month, fields.months)} {_written(weekday, weekdays)}"


def _written(text: str, numbers: frozenset[int]) -> str:
    """Keep a field that begins with a star, for that has a meaning; write others in numbers."""
    return text if text.startswith("*") else compressed(numbers)
