"""A process that runs studies one after another; what is slow to import is imported beforehand."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.dag.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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
    """Use only what was known then. The clock says so, for a time that was missed is made up for as
    it would have been. An event does not: it says that it is time to look at all there is."""
    events: tuple[str, ...] = ()
    """The events that ask for it, by their ids; the trial on the ledger names them."""
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


def serve(connection: Connection, run: Callable[[Request], Answer]) -> None:
    """Answer requests until the other side hangs up; the entry point of the process."""
    # A person's Ctrl-C reaches every process of the terminal: the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if run is answer:
        # A service manager's SIGTERM reaches it, too; the parent lets what runs end, and hangs up.
        signal.signal(signal.SIGTERM, lambda _number, _frame: None)
        _warm()
    try:
        connection.send(READY)
        while True:
            connection.send(run(connection.recv()))
    except (EOFError, OSError):
        return  # nobody waits for an answer any more; what was done is kept


def _warm() -> None:
    import importlib

    for name in ("luigi", "polars", "tasks.runs.run", "tasks.runs.record.task",
                 "storage.warehouse.chdb", "tasks.backtest.judge", "river",
                 "storage.events.boxes"):  # fmt: skip
        importlib.import_module(name)


def answer(request: Request) -> Answer:
    """Run a study, and answer for whatever happens but the end of the process."""
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

    if isinstance(error, BadInput) and not isinstance(error, MissingSecret):
        return "bad_input"
    if isinstance(error, Forbidden):
        return "forbidden"
    surroundings = (Busy, MissingSecret, Refused, Unreachable, OSError, MemoryError)
    return UNREACHABLE if any(isinstance(e, surroundings) for e in _causes(error)) else "failed"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came of."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _run(request: Request) -> Answer:
    from pathlib import Path

    from agent.road.runner.telling import tell_of
    from configs.errors import Failed, Unreachable
    from configs.settings import load_settings
    from configs.workspace import open_workspace
    from tasks.runs.run import Asked, run
    from tasks.scheduler.choice import scheduler_url
    from taskspecs.load import load

    workspace = open_workspace(request.workspace)
    settings = load_settings(workspace)
    spec, _ = load(Path(request.spec), workspace.root)
    began = _Began()
    asked = Asked(request.events, request.woken_by, tells=True)
    try:
        outcome = run(
            spec, workspace, settings, as_of=request.as_of, road=request.road, reporter=began,
            asked=asked,
        )  # fmt: skip
    except Unreachable:
        raise
    except Failed:
        scheduler_url(settings, workspace)  # raises if the scheduler is away: that was why, then
        raise
    told = tell_of(outcome, asked)
    return Answer(
        0, run_id=outcome.session.plan.run_id, computed=outcome.computed, told=told.count,
        started_ts=began.ts,
    )  # fmt: skip


class _Began(Silent):
    """Notes when the first stage begins."""

    def __init__(self) -> None:
        self.ts: float | None = None

    def stage_started(self, stage: str) -> None:
        """Note the time of the first."""
        if self.ts is None:
            self.ts = time.time()
