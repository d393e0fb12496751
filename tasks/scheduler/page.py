"""What Luigi's pages show of a task while it runs: how far it is, what it does, its report."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from luigi.rpc import RPCError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import luigi

    from tasks.dag.progress import Reporter
    from tasks.dag.session import Session

LEAST_PAUSE_S = 1.0
"""The scheduler is asked over HTTP: it is told of progress no more often than that."""


@contextmanager
def shown(task: luigi.Task, session: Session) -> Iterator[ShownTask]:
    """Tell the scheduler, too, what the run's reporter is told, as long as the block lasts."""
    person = session.reporter
    page = ShownTask(task, person)
    session.reporter = page
    try:
        yield page
    finally:
        session.reporter = person


class ShownTask:
    """A reporter that tells another one, and the page of a task.

    A scheduler that stops answering is told nothing more of this task; the run goes on.

    Parameters
    ----------
    task
        One that Luigi runs; outside of a build there is no page.
    person
        Who is told first.
    """

    def __init__(
        self, task: luigi.Task, person: Reporter, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._task = task
        self._person = person
        self._now = now
        self._told_at = float("-inf")
        self._percent = 0
        self._reached = True

    def stage_started(self, stage: str) -> None:
        """Say that it computes."""
        self._person.stage_started(stage)
        self._tell("set_status_message", f"{stage} computes")

    def stage_progress(self, stage: str, fraction: float) -> None:
        """Show the percentage, now and then."""
        self._person.stage_progress(stage, fraction)
        self._percent = max(self._percent, min(100, int(100 * fraction)))
        if self._now() - self._told_at >= LEAST_PAUSE_S:
            self._tell("set_progress_percentage", self._percent)

    def stage_note(self, stage: str, note: str) -> None:
        """Show the note."""
        self._person.stage_note(stage, note)
        self._tell("set_status_message", note)

    def stage_done(self, stage: str, seconds: float, rows: int) -> None:
        """Show what was done."""
        self._person.stage_done(stage, seconds, rows)
        self._tell("set_progress_percentage", 100)
        self._tell("set_status_message", f"{rows:,} rows in {seconds:.1f} s")

    def waiting(self, what: str) -> None:
        """Show what is waited for."""
        self._person.waiting(what)
        self._tell("set_status_message", what)

    def found(self) -> None:
        """Show that another process computed it meanwhile."""
        self._tell("set_progress_percentage", 100)
        self._tell("set_status_message", "another process computed it")

    def _tell(self, how: str, what: str | int) -> None:
        tell = getattr(self._task, how)  # Luigi sets these while it runs a task, and only then
        if tell is None or not self._reached:
            return
        self._told_at = self._now()
        try:
            tell(what)
        except RPCError:
            self._reached = False
            self._person.waiting("Luigi's scheduler does not answer; its page shows no progress")
