"""The system's own clocks: they fire whenever a study is due, by the judgement of others.

The oracle of times is cronsim; of crontab, cronsim again in the zone of the system (it follows
Debian's cron); of timers, systemd itself.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

from agent.road.clock.crontab import cron_line, entry, merge, shell_command
from agent.road.clock.systemd import on_calendar, units
from agent.road.clock.times import next_times
from configs.errors import BadInput
from configs.remedies import Mend
from taskspecs.rerunning import ScheduleSpec

NOW = datetime(2025, 1, 1, tzinfo=UTC)
ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Shanghai", "Asia/Kolkata",
         "Australia/Lord_Howe", "America/Los_Angeles"]  # fmt: skip
A_DAY = timedelta(days=1)
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


def field(low: int, high: int, *more: str) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    parts = st.one_of(
        number.map(str),
        st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}"),
        st.tuples(number, number, st.integers(1, 40)).map(
            lambda three: f"{min(three[:2])}-{max(three[:2])}/{three[2]}"
        ),
        st.tuples(number, st.integers(1, 40)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        st.integers(1, 40).map(lambda step: f"*/{step}"),
        *map(st.just, more),
    )
    return st.one_of(st.just("*"), st.lists(parts, min_size=1, max_size=3).map(",".join))


@st.composite
def lines(draw, *, special: bool = True) -> str:
    days = ("L", "LW") if special else ()
    weekdays = (
        ("MON", "sat-SAT", "MON-FRI", "7", "5#2", "1#5", "5L", "0L") if special else ("MON-FRI",)
    )
    text = " ".join([
        draw(field(0, 59)), draw(field(0, 23)), draw(field(1, 31, *days)),
        draw(field(1, 12, "JAN", "JUN-AUG")), draw(field(0, 7, *weekdays)),
    ])  # fmt: skip
    try:
        next(CronSim(text, NOW))
    except (CronSimError, StopIteration):
        assume(False)
    return text


def due_times(schedule: ScheduleSpec, base: datetime, until: datetime) -> list[datetime]:
    return list(takewhile(lambda at: at <= until, islice(next_times(schedule, base, 40), 40)))


def late(due: list[datetime], fired: list[datetime]) -> list[timedelta]:
    """Return by how much each time is fired late."""
    return [min((f for f in fired if f >= at), default=at + A_DAY) - at for at in due]


def assert_fires_when_due(schedule, due, fired, *zones: str) -> None:
    for at, delay in zip(due, late(due, fired), strict=True):
        assert delay <= timedelta(hours=1), (schedule.cron, at)
        if delay:  # only on the days when clocks are changed
            offsets = {
                (zone, (at + days).astimezone(ZoneInfo(zone)).utcoffset())
                for zone in zones
                for days in (-A_DAY, A_DAY)
            }
            assert len(offsets) > len(set(zones)), (schedule.cron, at, delay)


@settings(max_examples=150, phases=NO_SHRINKING)
@given(lines(), st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(0, 700))
@example("30 2 * * *", "America/New_York", "UTC", 66)
@example("30 2 * * *", "Europe/Berlin", "Europe/Berlin", 85)
@example("0 6 1-31 * 1", "UTC", "UTC", 0)
@example("0 6 */2 * 1-5", "UTC", "Asia/Kolkata", 0)
def test_cron_fires_whenever_a_study_is_due(cron, zone, system, day):
    schedule = ScheduleSpec(cron=cron, timezone=zone)
    base = NOW + timedelta(days=day)
    line = cron_line(schedule, ZoneInfo(system), NOW)
    due = due_times(schedule, base, base + timedelta(days=900))
    fired = [first_firing(line.fields, ZoneInfo(system), at) for at in due]
    assert_fires_when_due(schedule, due, fired, zone, system)
    if line.exact and system == "UTC" and due:
        every = [at.astimezone(UTC) for at in islice(CronSim(line.fields, base), len(due))]
        assert every == due


def first_firing(fields: str, zone: ZoneInfo, at: datetime) -> datetime:
    """Return when Debian's cron runs a line for the first time from a moment on."""
    local = (at - timedelta(minutes=1)).astimezone(zone)
    return next(t for n in CronSim(fields, local) if (t := n.astimezone(UTC)) >= at)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@settings(max_examples=40, phases=NO_SHRINKING)
@given(lines(), st.sampled_from(ZONES), st.integers(0, 700))
@example("30 18 * * 0-6", "Asia/Shanghai", 0)
@example("30 18 * * 0-4", "UTC", 0)
@example("30 18 * * 5-7", "UTC", 0)
@example("*/7 */5 * * *", "UTC", 0)
@example("0 6 1,15 * MON", "UTC", 0)
@example("0 6 */2 * 1-5", "UTC", 0)
@example("0 6 LW * *", "UTC", 0)
@example("0 6 L 2 *", "UTC", 0)
@example("0 6 * * 5L", "UTC", 0)
@example("0 6 13 * 5#2", "UTC", 0)
@example("30 2 * * *", "America/New_York", 66)
@example("30 1 * * *", "America/New_York", 304)
@example("15 2 * 10 *", "Australia/Lord_Howe", 270)
def test_systemd_fires_whenever_a_study_is_due(cron, zone, day):
    schedule = ScheduleSpec(cron=cron, timezone=zone)
    base = NOW + timedelta(days=day)
    due = due_times(schedule, base, base + timedelta(days=3_000))
    fired: set[datetime] = set()
    reaches = []
    for line in on_calendar(schedule, NOW):
        times = elapses(line, base, 3 * len(due) + 60)
        fired |= set(times)
        reaches.append(times[-1])
    due = [at for at in due if at + timedelta(hours=1) <= min(reaches)]
    assert_fires_when_due(schedule, due, sorted(fired), zone)
    if zone == "UTC" and not (re.search(r"[L#]", cron.upper())):
        assert [at for at in sorted(fired) if due and at <= due[-1]] == due


def elapses(line: str, base: datetime, count: int) -> list[datetime]:
    """Ask systemd when it would fire."""
    told = subprocess.run(
        ["systemd-analyze", "calendar", f"--iterations={count}",
         f"--base-time={base - timedelta(seconds=1):%Y-%m-%d %H:%M:%S} UTC", line],
        capture_output=True, text=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
    ).stdout  # fmt: skip
    stamps = re.findall(
        r"(?:Next elapse|Iter\. #\d+|Iteration #\d+): \w+ ([\d-]+ [\d:]+) UTC", told
    )
    times = [datetime.fromisoformat(stamp).replace(tzinfo=UTC) for stamp in stamps]
    return [at for at in times if at > base]


AWKWARD = Path("/home/ann lee/a%b $HOME 'q' \"d\" é")


def test_a_path_reaches_the_program_as_it_is_through_cron(tmp_path):
    program = tmp_path / "it's a 100% $program"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" "$SECRET" "$PATH"\n')
    program.chmod(0o755)
    env_file = tmp_path / "the env"
    env_file.write_text("SECRET='a b%c'\n")
    command = shell_command(program, AWKWARD, AWKWARD / "s.yaml", env_file)
    line = entry(cron_line(ScheduleSpec(cron="0 6 * * *"), ZoneInfo("UTC"), NOW), command)
    given_to_shell = line.split(" ", 5)[5].replace(r"\%", "%")  # what cron makes of it
    said = subprocess.run(
        ["/bin/sh", "-c", given_to_shell], capture_output=True, text=True, check=True, env={}
    ).stdout.splitlines()
    assert said[:7] == ["--workspace", str(AWKWARD), "schedule", "run", str(AWKWARD / "s.yaml"),
                        "--once", "--patience"]  # fmt: skip
    assert said[8] == "a b%c"
    assert said[9].split(":")[0] == str(tmp_path)
    assert not re.search(r"(?<!\\)%", line)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_units_and_reads_the_command_as_it_is(tmp_path):
    workspace = tmp_path / "a%b $HOME 'q' \"d\" back\\slash"
    workspace.mkdir()
    program = tmp_path / "my 100% program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    run = [str(program), "--workspace", str(workspace)]
    made = units(
        ScheduleSpec(cron="0 6 1 * MON"), "momentum", run, workspace=workspace,
        env_file=workspace / ".env", path="/usr/bin:/bin", now=NOW,
    )  # fmt: skip
    for name, text in made.items():
        (tmp_path / name).write_text(text)
    (timer,) = tmp_path.glob("*.timer")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(timer)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "qraft-momentum" not in done.stderr, done.stderr


def test_a_crontab_keeps_what_is_not_ours():
    mine = "MAILTO=ann\n5 4 * * * backup # mine"
    work, other = Path("/work"), Path("/other")
    once = merge(mine, work, ["0 6 * * * qraft"])
    assert once.startswith(f"{mine}\n# >>> qraft")
    both = merge(once, other, ["0 7 * * * qraft"])
    again = merge(both, work, ["0 8 * * * qraft"])
    assert again.count("# >>> qraft") == 2
    assert "0 6 * * * qraft" not in again
    assert "0 7 * * * qraft" in again
    assert merge(merge(again, work, []), other, []) == f"{mine}\n"
    with pytest.raises(BadInput, match="only one end"):
        merge(once.replace("# <<<", "#"), work, ["0 6 * * * qraft"])


def checks_crontabs() -> bool:
    """Whether there is a crontab that looks at a file and takes nothing of it, as Debian's does."""
    if shutil.which("crontab") is None:
        return False
    usage = subprocess.run(["crontab", "-h"], capture_output=True, text=True, check=False)
    return "dry run" in usage.stdout + usage.stderr


def check_crontab(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["crontab", "-n", "-"], input=text, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not checks_crontabs(), reason="needs a crontab that can check a file")
def test_a_real_cron_takes_what_is_written_for_it():
    schedules = ["0 6 * * MON-FRI", "*/7 */5 * * *", "0 6 1,15 * MON", "0 6 LW * *", "0 6 * * 5#2",
                 "30 18 * * 0-6", "30 2 29 2 *", "0 6 L JUN-AUG 7"]  # fmt: skip
    command = shell_command(AWKWARD / "qraft", AWKWARD, AWKWARD / "s.yaml", AWKWARD / ".env")
    zones = [ZoneInfo(zone) for zone in ZONES]
    lines = [
        entry(cron_line(ScheduleSpec(cron=cron, timezone=zone), system, NOW), command)
        for cron in schedules
        for zone in ZONES
        for system in zones
    ]
    checked = check_crontab(merge("MAILTO=ann\n5 4 * * * backup", Path("/work"), lines))
    assert checked.returncode == 0, checked.stderr
    assert check_crontab("99 6 * * * true\n").returncode != 0


def test_what_no_crontab_can_hold_is_refused():
    line = cron_line(ScheduleSpec(cron="0 6 * * *"), ZoneInfo("UTC"), NOW)
    for command in ("a\nb", "x" * 1_000):
        with pytest.raises(BadInput) as refused:
            entry(line, command)
        assert refused.value.remedy == Mend.INSTALL_SCHEDULE()
