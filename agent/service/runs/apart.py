"""Runs that are started and run by themselves: followed, cancelled, and asked what came of them.

Each is a process of its own, which goes on when whoever started it is gone; what happens is in a
folder of the workspace, so any process may follow it, from any event on.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import AwareDatetime

from agent.service.model import ErrorTold, Model
from agent.service.runs.process import LAST, LOCK, LOG, PROCESS, PROGRESS, REQUEST, append_event
from configs.children import child_environment
from configs.errors import BadInput, Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agent.service.service import Service
    from agent.service.specs import Spec

FOLDER: Final = "started"
BEGINS_S: Final = 60.0
"""Seconds in which a process must have begun."""
LEAVES_S: Final = 5.0
"""Seconds that a process has to leave when it is told to."""
LOOK_S: Final = 0.1
MOST_KNOWN: Final = 200
"""Started runs that are remembered beside those that run."""

State = Literal["running", "done", "failed", "cancelled", "crashed"]
Kind = Literal[
    "begun", "stage_started", "stage_progress", "note", "stage_done", "waiting", "done", "failed",
    "cancelled", "crashed",
]  # fmt: skip


class Progress(Model):
    """Something that happened to a run that was started."""

    number: int
    """From 1 on, without a gap: where a follower goes on."""
    at: AwareDatetime
    kind: Kind
    stage: str | None = None
    fraction: float | None = None
    """Of the stage that is done, between 0 and 1."""
    seconds: float | None = None
    rows: int | None = None
    text: str | None = None
    run_id: str | None = None
    computed: list[str] | None = None
    error: ErrorTold | None = None


class Started(Model):
    """A run that was started."""

    id: str
    study: str
    road: str
    as_of: AwareDatetime | None
    started_at: AwareDatetime
    state: State
    stage: str | None
    """Where it is, or was last."""
    run_id: str | None
    """Of the finished run; see `agent.service.runs.finished.show_run`."""
    computed: list[str]
    error: ErrorTold | None


def start_run(
    service: Service, spec: Spec, *, road: str, as_of: datetime | None = None,
    confined: bool = False,
) -> Started:  # fmt: skip
    """Start a run in a process of its own; returns when it has begun.

    Parameters
    ----------
    road
        Who asks, as the ledger will name it.
    confined
        Whether errors must not quote what was read of files, for whoever asks may not read them;
        see `agent.service.confinement`.

    Raises
    ------
    Failed
        If the process does not begin.
    """
    from taskspecs.identity import resolved

    _forget_oldest(_home(service))
    ident = secrets.token_hex(6)
    folder = _home(service) / ident
    folder.mkdir(parents=True)
    asked = {
        "workspace": str(service.workspace.root), "spec": resolved(spec.taskspec), "road": road,
        "study": spec.taskspec.name, "confined": confined,
        "as_of": as_of.isoformat() if as_of else None,
        "started_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    (folder / REQUEST).write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-m", "agent.service.runs.process", str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env=child_environment(),
        )  # fmt: skip
    # The system keeps a child that has ended until it is waited for.
    threading.Thread(target=process.wait, name=f"run {ident}", daemon=True).start()
    deadline = time.monotonic() + BEGINS_S
    while not (folder / PROGRESS).exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            said = (folder / LOG).read_text(encoding="utf-8", errors="replace").strip()
            raise Failed("the process of the run did not begin", hint=said[-500:] or None)
        time.sleep(LOOK_S)
    return show_started(service, ident)


def _forget_oldest(home: Path) -> None:
    """Forget the oldest runs that have ended; their results stay where they are."""
    known = [each for each in home.glob("*") if (each / REQUEST).exists()]
    for folder in sorted(known, key=lambda each: (each / REQUEST).stat().st_mtime)[:-MOST_KNOWN]:
        if not _lives(folder):
            shutil.rmtree(folder, ignore_errors=True)


def list_started(service: Service) -> list[Started]:
    """Return the runs that were started here, the newest first."""
    folders = [each for each in _home(service).glob("*") if (each / REQUEST).exists()]
    return sorted(map(_tell, folders), key=lambda started: started.started_at, reverse=True)


def show_started(service: Service, ident: str) -> Started:
    """Return how a run that was started fares.

    Raises
    ------
    BadInput
        If no run was started under that id.
    """
    return _tell(_folder(service, ident))


def follow_run(
    service: Service, ident: str, *, after: int = 0, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Progress]:
    """Yield what happens to a run that was started, as it happens, until it has ended.

    Parameters
    ----------
    after
        The number of the last event that is known already.
    stopped
        Asked now and then; following ends where it says so, and the run goes on.

    Raises
    ------
    BadInput
        If no run was started under that id.
    """
    folder = _folder(service, ident)
    while not stopped():
        gone = not _lives(folder)  # before what it left is read, lest its last words are missed
        events = _events(folder)
        if gone and not _ended(events):
            append_event(folder, "crashed", text="the process of the run has ended")
            events = _events(folder)
        yield from events[after:]
        after = max(after, len(events))
        if _ended(events):
            return
        time.sleep(LOOK_S)


def events_of(service: Service, ident: str) -> list[Progress]:
    """Return all that happened to a run that was started, so far.

    Raises
    ------
    BadInput
        If no run was started under that id.
    """
    return _events(_folder(service, ident))


def cancel_run(service: Service, ident: str) -> Started:
    """End a run that was started; what is done is kept, and the same run resumes there.

    One that has ended already is left as it is.

    Raises
    ------
    BadInput
        If no run was started under that id.
    """
    folder = _folder(service, ident)
    if not _ended(_events(folder)):
        for number, patience_s in ((signal.SIGTERM, LEAVES_S), (signal.SIGKILL, LEAVES_S)):
            if _leaves(folder, number, patience_s):
                break
        if not _ended(_events(folder)):
            append_event(folder, "cancelled")
    return _tell(folder)


def _leaves(folder: Path, number: int, patience_s: float) -> bool:
    """Send a signal to a run's processes, and say whether they are gone."""
    deadline = time.monotonic() + patience_s
    if _lives(folder):
        pid = int(json.loads((folder / PROCESS).read_text())["pid"])
        with suppress(ProcessLookupError):
            os.killpg(pid, number)
    while _lives(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def _lives(folder: Path) -> bool:
    """Whether a run's process holds its lock, which the system opens when it is gone."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def _tell(folder: Path) -> Started:
    asked = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    gone = not _lives(folder)
    events = _events(folder)
    last = events[-1] if _ended(events) else None
    kind: Any = last.kind if last else ("crashed" if gone else "running")
    return Started(
        id=folder.name,
        study=asked["study"],
        road=asked["road"],
        as_of=asked["as_of"],
        started_at=asked["started_at"],
        state=kind,
        stage=next((event.stage for event in reversed(events) if event.stage), None),
        run_id=last.run_id if last else None,
        computed=(last.computed or []) if last else [],
        error=last.error if last else None,
    )


def _events(folder: Path) -> list[Progress]:
    """Return all that was written down; a line that is not whole is passed over."""
    try:
        raw = (folder / PROGRESS).read_bytes()
    except FileNotFoundError:
        return []
    told = [one for line in raw.splitlines() if (one := _read(line)) is not None]
    return [Progress(number=number, **one) for number, one in enumerate(told, 1)]


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return told


def _ended(events: list[Progress]) -> bool:
    return bool(events) and events[-1].kind in LAST


def _home(service: Service) -> Path:
    return service.workspace.home / FOLDER


def _folder(service: Service, ident: str) -> Path:
    folder = _home(service) / ident
    if not ident.isalnum() or not (folder / REQUEST).exists():
        raise BadInput(f"no run was started under `{ident}`")
    return folder
