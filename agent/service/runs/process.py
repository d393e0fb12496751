"""A run in a process of its own, which outlives whoever started it; what happens is written down.

Its folder holds what was asked (``request.json``), who is at it (``process.json``, and a lock that
the system opens when the process is gone), and what happens, an event a line
(``progress.jsonl``). Started as ``python -m agent.service.runs.process FOLDER``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

REQUEST: Final = "request.json"
PROCESS: Final = "process.json"
PROGRESS: Final = "progress.jsonl"
LOCK: Final = "process.lock"
LOG: Final = "log"
LAST: Final = frozenset({"done", "failed", "cancelled", "crashed"})
"""Kinds of events after which nothing comes."""
EVERY_S: Final = 0.25
"""Of a stage's progress, not more than one event in so many seconds."""


def append_event(folder: Path, kind: str, **facts: Any) -> None:
    """Write down one event, in one write, so that lines of two processes do not mix."""
    told = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "kind": kind, **facts}
    line = (json.dumps(told, ensure_ascii=False) + "\n").encode()
    descriptor = os.open(folder / PROGRESS, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"  # by a disk that was full
        os.write(descriptor, b"\n" + line if torn else line)
    finally:
        os.close(descriptor)


class Written:
    """Hears of a run's stages, and writes them down.

    Parameters
    ----------
    folder
        Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told_at = 0.0
        self._lock = threading.Lock()

    def stage_started(self, stage: str) -> None:
        """Write it down."""
        append_event(self._folder, "stage_started", stage=stage)

    def stage_progress(self, stage: str, fraction: float) -> None:
        """Write it down, now and then."""
        with self._lock:
            if time.monotonic() - self._told_at < EVERY_S:
                return
            self._told_at = time.monotonic()
        append_event(self._folder, "stage_progress", stage=stage, fraction=round(fraction, 4))

    def stage_note(self, stage: str, note: str) -> None:
        """Write it down."""
        append_event(self._folder, "note", stage=stage, text=note)

    def stage_done(self, stage: str, seconds: float, rows: int) -> None:
        """Write it down."""
        append_event(self._folder, "stage_done", stage=stage, seconds=round(seconds, 3), rows=rows)

    def waiting(self, what: str) -> None:
        """Write it down."""
        append_event(self._folder, "waiting", text=what)


def run_apart(folder: Path) -> None:
    """Do what the request in a folder asks for; the entry point of the process."""
    from filelock import FileLock

    from configs.errors import Failed, QraftError

    with FileLock(folder / LOCK):
        (folder / PROCESS).write_text(json.dumps({"pid": os.getpid()}))
        append_event(folder, "begun")
        try:
            run_id, computed = _run(folder)
        except QraftError as error:
            append_event(folder, "failed", error=error.document())
        except Exception as error:
            told = Failed(f"this should not have happened: {type(error).__name__}")
            append_event(folder, "failed", error=told.document())
            raise
        else:
            append_event(folder, "done", run_id=run_id, computed=computed)


def _run(folder: Path) -> tuple[str, list[str]]:
    from agent.runner.telling import tell_of
    from agent.service.confinement import running
    from agent.service.specs import Spec
    from configs.settings import load_settings
    from configs.workspace import open_workspace
    from tasks.run import Asked, run
    from taskspecs.schema import TaskSpec

    asked = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    workspace = open_workspace(asked["workspace"])
    spec = TaskSpec.model_validate_json(json.dumps(asked["spec"]), strict=True)
    telling = Asked(tells=True)
    with running(Spec(spec)) if asked["confined"] else nullcontext():
        outcome = run(
            spec, workspace, load_settings(workspace), road=asked["road"], reporter=Written(folder),
            as_of=datetime.fromisoformat(asked["as_of"]) if asked["as_of"] else None, asked=telling,
        )  # fmt: skip
    tell_of(outcome, telling)
    return outcome.session.plan.run_id, list(outcome.computed)


if __name__ == "__main__":
    run_apart(Path(sys.argv[1]))
