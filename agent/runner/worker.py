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
CRASHED = "crashed"
"""The kind of failure of a run whose process ended."""
UNREACHABLE = "unreachable"
"""The kind of failure whose cause is in what surrounds the run: it may be mended meanwhile."""


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
    told: int = 0
    """How many events the run was the cause of."""
    started_ts: float | None = None
    """When its first stage began, in seconds since 1970; None if all was done already."""
    kind: str = ""
    """How it failed: ``bad_input``, ``forbidden``, ``unreachable``, ``failed`` or ``crashed``."""


def serve(connection: Connection) -> None:
    """Answer requests until the other side hangs up; the entry point of the process."""
    # A person's Ctrl-C reaches every process of the terminal: the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # So does a service manager's SIGTERM; the parent lets what runs end, and then hangs up.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
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
    from configs.errors import QraftError

    try:
        return _run(request)
    except QraftError as error:
        return Answer(error.exit_code, error=str(error), kind=kind_of(error))
    except Exception as error:
        text = f"this should not have happened: {type(error).__name__}: {error}"
        return Answer(1, error=text, kind=kind_of(error))


def kind_of(error: BaseException) -> str:
    """Return how a run failed, by the error or by what caused it.

    Examples
    --------
    >>> from configs.errors import BadInput, Failed, MissingSecret
    >>> kind_of(BadInput("no such column")), kind_of(Failed("a stage did not finish"))
    ('bad_input', 'failed')
    >>> kind_of(ConnectionRefusedError()), kind_of(MissingSecret("no key"))
    ('unreachable', 'unreachable')
    """
    from configs.errors import BadInput, Busy, Forbidden, MissingSecret, Refused, Unreachable

    surroundings = (Busy, MissingSecret, Refused, Unreachable, OSError, MemoryError)
    causes: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in causes:
        causes.append(found)
        found = found.__cause__ or found.__context__
    if isinstance(error, BadInput) and not isinstance(error, MissingSecret):
        return "bad_input"
    if isinstance(error, Forbidden):
        return "forbidden"
    return UNREACHABLE if any(isinstance(each, surroundings) for each in causes) else "failed"


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
