"""A process that runs studies one after another; what is slow to import is imported beforehand."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.progress import Silent

if TYPE_CHECKING:
    from datetime import datetime
    from multiprocessing.connection import Connection

READY = "ready"


@dataclass(frozen=True, slots=True)
class Request:
    """A run that is wanted."""

    workspace: str
    spec: str
    """The TaskSpec's file."""
    road: str
    as_of: datetime | None = None
    events: tuple[str, ...] = ()
    """The events that ask for it, by their ids."""
    woken_by: tuple[str, ...] = ()
    """The studies through which this one was woken, the first of them first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it."""

    exit_code: int
    run_id: str = ""
    computed: tuple[str, ...] = ()
    error: str = ""
    passing: bool = False
    """Whether it failed by its surroundings, as a server that is away, and not by itself."""
    died: bool = False
    """Whether its process ended without an answer."""
    told: int = 0
    """How many events the run was the cause of."""
    started_ts: float | None = None
    """When its first stage began, in seconds since 1970; None if all was done already."""


def serve(connection: Connection) -> None:
    """Answer requests until the other side hangs up; the entry point of the process."""
    # A person's Ctrl-C reaches every process of the terminal: the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _warm()
    connection.send(READY)
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        connection.send(_answer(request))


def _warm() -> None:
    import importlib

    for name in ("luigi", "polars", "tasks.run", "tasks.record.task", "storage.warehouse.chdb",
                 "tasks.backtest.judge", "river", "storage.events.envelope"):  # fmt: skip
        importlib.import_module(name)


def _answer(request: Request) -> Answer:
    from configs.errors import Busy, MissingSecret, QraftError, Refused, Unreachable

    try:
        return _run(request)
    except QraftError as error:
        passing = isinstance(error, Busy | MissingSecret | Refused | Unreachable)
        return Answer(error.exit_code, error=str(error), passing=passing)
    except Exception as error:
        return Answer(
            1, error=f"this should not have happened: {type(error).__name__}: {error}",
            passing=isinstance(error, OSError | MemoryError),
        )  # fmt: skip


def _run(request: Request) -> Answer:
    from pathlib import Path

    from agent.triggers.telling import tell_of
    from configs.settings import load_settings
    from configs.workspace import open_workspace
    from tasks.run import run
    from taskspecs.load import load

    workspace = open_workspace(request.workspace)
    settings = load_settings(workspace)
    spec, _ = load(Path(request.spec), workspace.root)
    began = _Began()
    outcome = run(spec, workspace, settings, as_of=request.as_of, road=request.road, reporter=began)
    return Answer(
        0,
        run_id=outcome.session.plan.run_id,
        computed=outcome.computed,
        told=tell_of(outcome, woken_by=request.woken_by),
        started_ts=began.ts,
    )


class _Began(Silent):
    """Notes when the first stage begins."""

    def __init__(self) -> None:
        self.ts: float | None = None

    def stage_started(self, stage: str) -> None:
        """Note the time of the first."""
        if self.ts is None:
            self.ts = time.time()
