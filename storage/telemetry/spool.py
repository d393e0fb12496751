"""The file as a spool: a batch from where the last one ended, and less of what matters less."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from configs.workspace import Workspace

BATCH_BYTES = 512 << 10
MUCH_BYTES = 8 << 20
"""With more than this waiting, debug events are left out; with four times as much, all but
errors."""
_LEFT_OUT = ((4 * MUCH_BYTES, {"debug", "info"}), (MUCH_BYTES, {"debug"}))


@dataclass(frozen=True, slots=True)
class Spooled:
    """Some events, and where they end in the file."""

    events: list[dict[str, Any]]
    left_out: int
    waiting_bytes: int
    """What the file holds beyond this batch."""
    _place: Path
    _file: int
    _end: int

    def done(self) -> None:
        """Note that they were taken; a batch that is not noted is sent again."""
        unfinished = self._place.with_name(f"{self._place.name}.{os.getpid()}")
        unfinished.write_text(json.dumps({"file": self._file, "end": self._end}))
        unfinished.replace(self._place)


def read_batch(workspace: Workspace) -> Spooled:
    """Return the next events, oldest first; lines that are torn or no JSON are passed over."""
    place = workspace.home / "telemetry.sent"
    known = _known(place)
    waiting = 0
    chosen: tuple[Path, int, int] | None = None
    for path in (workspace.telemetry_before, workspace.telemetry):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        start = known["end"] if known["file"] == status.st_ino else 0
        if path == workspace.telemetry_before and known["file"] not in {status.st_ino, 0}:
            continue  # it was sent whole before it was put aside
        left = status.st_size - start
        waiting += max(0, left)
        if chosen is None and left > 0:
            chosen = path, status.st_ino, start
    if chosen is None:
        return Spooled([], 0, 0, place, known["file"], known["end"])
    path, file, start = chosen
    with path.open("rb") as opened:
        opened.seek(start)
        raw = opened.read(BATCH_BYTES)
    whole = raw[: raw.rfind(b"\n") + 1]
    without = next((levels for size, levels in _LEFT_OUT if waiting > size), set())
    events = [event for line in whole.splitlines() if (event := _event(line)) is not None]
    kept = [event for event in events if event.get("level", "info") not in without]
    return Spooled(
        kept, len(events) - len(kept), waiting - len(whole), place, file, start + len(whole)
    )


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "at" in value else None


def _known(place: Path) -> dict[str, int]:
    try:
        told = json.loads(place.read_text())
        return {"file": int(told["file"]), "end": int(told["end"])}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {"file": 0, "end": 0}  # what was sent may be sent again
