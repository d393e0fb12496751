"""Telemetry: one JSON object a line, appended in one write, so that processes do not mix lines."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from configs.workspace import Workspace


def record(workspace: Workspace, event: str, **facts: Any) -> None:
    """Append an event, stamped with the time in UTC; facts must be JSON values."""
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": stamp, "event": event, **facts}, ensure_ascii=False) + "\n"
    workspace.home.mkdir(parents=True, exist_ok=True)
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
