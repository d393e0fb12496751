"""The clocks of this machine: its crontab and its systemd timers, changed with care."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.road.clock.crontab import merge
from agent.road.clock.systemd import MARK, unit_suffix
from configs.children import child_environment
from configs.errors import Failed
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALTIME = Path("/etc/localtime")
ANSWER_S = 30


def zone() -> ZoneInfo:
    """Return the zone in which cron reads its lines."""
    _, found, key = str(LOCALTIME.resolve()).partition("zoneinfo/")
    for name in (key if found else "", _text(Path("/etc/timezone")).strip(), "UTC"):
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            continue
    raise Failed("this machine has no time zones")


def read_crontab() -> str:
    """Return the crontab of the present user; empty if there is none.

    Raises
    ------
    Failed
        If there is no cron, or it does not let us look.
    """
    done = _call(["crontab", "-l"])
    if done.returncode == 0:
        return done.stdout
    if "no crontab for" in done.stderr:
        return ""
    raise Failed(
        f"the crontab cannot be read: {done.stderr.strip()}", remedy=Mend.INSTALL_SCHEDULE()
    )


def change_crontab(workspace: Path, lines: list[str]) -> bool:
    """Put a workspace's lines into the crontab, or take them out; return whether that changed it.

    Raises
    ------
    Failed
        If the crontab cannot be read or written, or someone changes it at the same time.
    """
    before = read_crontab()
    after = merge(before, workspace, lines)
    if after == before:
        return False
    if read_crontab() != before:
        raise Failed("someone changes the crontab at the same time", remedy=Mend.TRY_AGAIN())
    done = _call(["crontab", "-"], given=after)
    if done.returncode:
        raise Failed(f"the crontab was not taken: {done.stderr.strip()}")
    if read_crontab() != after:
        raise Failed("the crontab is not what was written", remedy=Mend.LIST_CRONTAB())
    return True


def units_folder() -> Path:
    """Return where a person's own systemd units are."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "systemd" / "user"


def write_units(workspace: Path, files: Mapping[str, str]) -> str:
    """Write unit files and let their timers run; return a sentence on it.

    Raises
    ------
    Failed
        If a file of that name is not ours.
    """
    folder = units_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        present = _text(folder / name)
        if present and not present.startswith(MARK):
            raise Failed(f"{folder / name} is there, and not of qraft's making")
    for path in _ours(workspace):
        if path.name not in files:
            _systemctl("disable", "--now", path.name)
            path.unlink()
    for name, text in files.items():
        draft = folder / f".{name}.new"
        draft.write_text(text, encoding="utf-8")
        draft.replace(folder / name)
    timers = [name for name in files if name.endswith(".timer")]
    if _systemctl("daemon-reload") and _systemctl("enable", "--now", *timers):
        return f"systemd has its timers: {', '.join(timers)}"
    return (
        f"next: systemctl --user daemon-reload && systemctl --user enable --now {' '.join(timers)}"
    )


def remove_units(workspace: Path) -> list[str]:
    """Stop and remove a workspace's units; return their names."""
    found = _ours(workspace)
    timers = [path.name for path in found if path.suffix == ".timer"]
    if timers:
        _systemctl("disable", "--now", *timers)
    for path in found:
        path.unlink()
    if found:
        _systemctl("daemon-reload")
    return [path.name for path in found]


def _ours(workspace: Path) -> list[Path]:
    paths = sorted(units_folder().glob(f"qraft-*-{unit_suffix(workspace)}.*"))
    return [path for path in paths if _text(path).startswith(MARK)]


def _systemctl(*arguments: str) -> bool:
    if shutil.which("systemctl") is None:
        return False
    return _call(["systemctl", "--user", *arguments]).returncode == 0


def _call(command: list[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - fixed programs
            command, input=given, capture_output=True, text=True, check=False, timeout=ANSWER_S,
            env=child_environment({"LC_ALL": "C"}),
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Failed(f"there is no `{command[0]}` here", remedy=Mend.INSTALL_SCHEDULE()) from error
    except subprocess.TimeoutExpired as error:
        raise Failed(f"`{command[0]}` does not answer") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
