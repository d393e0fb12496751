"""Where a `qraft up` that runs for a workspace can be asked."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from configs.workspace import Workspace

FILE = "up.json"


@dataclass(frozen=True, slots=True)
class Running:
    """One that runs, or did."""

    pid: int
    url: str
    """Of its metrics and health."""


@contextmanager
def announced(workspace: Workspace, url: str) -> Iterator[None]:
    """Let others find this process as long as the block lasts."""
    running = Running(os.getpid(), url)
    path = _file(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE}.{running.pid}")
    draft.write_text(json.dumps(asdict(running)))
    draft.replace(path)
    try:
        yield
    finally:
        if _read(workspace) == running:
            path.unlink(missing_ok=True)


def find_running(workspace: Workspace) -> Running | None:
    """Return the one that runs; what a killed one left behind does not count."""
    running = _read(workspace)
    if running is None:
        return None
    try:
        os.kill(running.pid, 0)
    except PermissionError:
        return running
    except (OSError, OverflowError):
        return None
    return running


def _read(workspace: Workspace) -> Running | None:
    with suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads(_file(workspace).read_text())
        return Running(int(told["pid"]), str(told["url"]))
    return None


def _file(workspace: Workspace) -> Path:
    return workspace.home / FILE
