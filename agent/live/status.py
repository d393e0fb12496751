"""How live sources are, as their processes say and as their journals show."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

from agent.live.home import SourceHome, read_json, sources_here
from storage.journal.folder import Mark

if TYPE_CHECKING:
    from configs.workspace import Workspace

FRESH_S: Final = 15.0
"""A process that has not said anything for so long is not at work."""


def status(workspace: Workspace, name: str) -> dict[str, Any]:
    """Return what is known of one source; reads files only, and opens no store."""
    home = SourceHome(workspace, name)
    recorded, flowed = read_json(home.status("record")), read_json(home.status("flow"))
    projected = read_json(home.projected)
    now = time.time()
    newest_us = int(recorded.get("newest_us", 0))
    return {
        "source": name,
        "record": _state(recorded, now),
        "flow": _state(flowed, now),
        "trouble": _trouble(recorded, flowed),
        "silent_s": round(max(0.0, now - newest_us / 1e6), 1) if newest_us else None,
        "behind_s": round(float(flowed.get("behind_s", 0.0)), 1),
        "unprojected": _unprojected(home, projected),
        "connections": int(recorded.get("connections", 0)),
        "keep_every": int(recorded.get("keep_every", 1)),
        "segments": len(home.journal.numbers()),
        "bytes": _size(home),
        "counts": {**recorded.get("counts", {}), **flowed.get("counts", {})},
        "thresholds": flowed.get("thresholds", {}),
        "watermark_us": flowed.get("watermark_us"),
        "document": recorded.get("document", ""),
    }


def statuses(workspace: Workspace, names: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return the same of several sources; by default of all that a workspace has recorded."""
    return [status(workspace, name) for name in names or sources_here(workspace)]


def _state(said: dict[str, Any], now: float) -> str:
    """Return whether a process is at work: `running`, `ended`, `failed`, `gone` or `never`."""
    if not said:
        return "never"
    state = str(said.get("state", ""))
    if state in {"ended", "failed"}:
        return state
    if now - float(said.get("at", 0)) > FRESH_S or not _lives(int(said.get("pid", 0))):
        return "gone"
    return "running"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _trouble(recorded: dict[str, Any], flowed: dict[str, Any]) -> str:
    for said in (
        recorded.get("document_trouble"),
        flowed.get("trouble"),
        recorded.get("line_trouble"),
    ):
        if said:
            return str(said)
    return ""


def _unprojected(home: SourceHome, projected: dict[str, Any]) -> bool:
    """Whether there is something on the disk that the warehouse does not have."""
    at = projected.get("raw", [[0, 0]])[0]
    if not home.journal.mark.exists():
        return False
    mark = Mark(home.journal.mark, write=False)
    try:
        return tuple(at) < tuple(mark.durable())
    finally:
        mark.close()


def _size(home: SourceHome) -> int:
    return sum(
        path.stat().st_size
        for n in home.journal.numbers()
        if (path := home.journal.segment(n)).exists()
    )
