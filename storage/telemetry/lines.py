"""One JSON object a line, appended in one write, so that processes do not mix lines.

The file is the spool, too: whoever sends telemetry to a server reads it from here, so that a run
never waits for a network.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from storage.telemetry.scrubbing import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from configs.workspace import Workspace

Level = Literal["debug", "info", "error"]
LARGEST_BYTES = 64 << 20
"""A file that has grown beyond it is put aside, and the one that was put aside before goes."""
TAIL_BYTES = 4 << 20
"""What is looked at for the newest events."""


def record(workspace: Workspace, event: str, *, level: Level = "info", **facts: Any) -> None:
    """Append an event, stamped with the time in UTC; facts must be JSON values.

    Secrets of the environment, and those in URLs, are hidden.
    """
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    told = {"at": stamp, "event": event, "level": level, **facts}
    line = scrub(json.dumps(told, ensure_ascii=False)) + "\n"
    workspace.home.mkdir(parents=True, exist_ok=True)
    _rotate(workspace)
    descriptor = os.open(workspace.telemetry, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def recorded(workspace: Workspace, event: str) -> Iterator[dict[str, Any]]:
    """Iterate over the events of one kind, oldest first; a torn last line is passed over."""
    try:
        lines = workspace.telemetry.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and value.get("event") == event:
            yield value


def newest(workspace: Workspace, *, limit: int, event: str = "") -> list[dict[str, Any]]:
    """Return the newest events, the newest last, of the last `TAIL_BYTES` of the file.

    Parameters
    ----------
    event
        Only of this kind; default any.
    """
    try:
        with workspace.telemetry.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    found: list[dict[str, Any]] = []
    for line in reversed(lines):
        if len(found) == limit:
            break
        try:
            value = json.loads(line)
        except ValueError:  # a line that is torn, or cut by where reading began
            continue
        if isinstance(value, dict) and event in {"", value.get("event")}:
            found.append(value)
    return found[::-1]


def _rotate(workspace: Workspace) -> None:
    try:
        if workspace.telemetry.stat().st_size > LARGEST_BYTES:
            workspace.telemetry.replace(workspace.telemetry_before)
    except FileNotFoundError:
        return
