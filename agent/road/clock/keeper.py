"""One study and its times: what is due is tried, settled, tried again or given up."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.road.clock.agenda import agenda, beginning
from agent.road.clock.page import Page
from agent.road.clock.times import next_times
from agent.road.runner.worker import CRASHED, UNREACHABLE, Answer, Request
from configs.errors import Busy, Damaged
from storage.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.road.clock.book import Book
    from agent.road.studies import Study
    from configs.workspace import Workspace
    from taskspecs.rerunning import ScheduleSpec

LONGEST_PAUSE_S = 600.0
MOST_DEATHS = 5
"""A run whose process ended that often at one time counts as the study's own failure."""
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Means:
    """What all studies of a clock have in common."""

    workspace: Workspace
    submit: Callable[[Request], Future[Answer]]
    book: Book
    say: Callable[[str], None]
    now: Callable[[], datetime]
    pause_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of an attempt at a time."""

    study: str
    at: datetime
    exit_code: int


@dataclass(frozen=True, slots=True)
class _Run:
    """A time that is run, under the study's lock."""

    at: datetime
    future: Future[Answer]
    page: Page
    lock: ExitStack


class Keeper:
    """Looks after the times of one study.

    Parameters
    ----------
    study
        One with a schedule.
    """

    def __init__(self, study: Study, schedule: ScheduleSpec, means: Means) -> None:
        self._study = study
        self._schedule = schedule
        self._means = means
        self._run: _Run | None = None
        self._page: Page | None = None
        self._quiet_until = datetime.min.replace(tzinfo=UTC)
        self._not_before = 0.0
        self._troubles = 0
        self.taken_elsewhere = False
        """Whether another process runs it."""

    @property
    def name(self) -> str:
        """The study's name."""
        return self._study.spec.name

    @property
    def running(self) -> bool:
        """Whether a run was submitted and is not settled."""
        return self._run is not None

    def replace(self, study: Study, schedule: ScheduleSpec) -> None:
        """Go on with the study as it is written now."""
        if study != self._study:
            self._study, self._schedule = study, schedule
            self._quiet_until, self._not_before = datetime.min.replace(tzinfo=UTC), 0.0

    def round(self) -> Ended | None:
        """Settle what has ended, or start what is due.

        Raises
        ------
        QraftError
            If the book cannot be written, or a run not be started; it is tried again later.
        """
        if self._run is not None:
            return self._settle(self._run) if self._run.future.done() else None
        now = self._means.now()
        tried_again = 0.0 < self._not_before <= time.monotonic()
        # Quiet holds for the clock as it was: a book that is ahead of it says that it was set back.
        set_back = self._page is not None and self._page.is_ahead(now)
        if now >= self._quiet_until or tried_again or set_back:
            self._start_due(now)
        return None

    def waits_for(self, moment: float) -> bool:
        """Whether there is more to do until a moment of the monotonic clock."""
        if self._run is not None:
            return True
        if self.taken_elsewhere:
            return False
        return 0.0 < self._not_before <= moment or self._means.now() >= self._quiet_until

    def trouble(self) -> None:
        """Wait a while: the last round failed."""
        self._troubles += 1
        self._pause(self._troubles)

    def cancel(self) -> None:
        """Let a run that waits for a worker not begin."""
        if self._run is not None:
            self._run.future.cancel()

    def _start_due(self, now: datetime) -> None:
        locks = self._means.workspace.locks
        with ExitStack() as lock:
            try:
                locks.mkdir(parents=True, exist_ok=True)
                path = locks / f"clock-{self.name}.lock"
                lock.enter_context(hold(path, what=self.name, timeout_s=0.0))
            except Busy:
                self.taken_elsewhere = True
                return
            self.taken_elsewhere = False
            # Only now is the page ours: another clock may have done some of it before.
            page = self._page = self._trusted_page(now)
            asked = agenda(self._schedule, page, now)
            for missed in asked.missed:
                self._means.say(f"{self.name} missed {utc(missed.at)}: {missed.reason}")
                page = self._page = page.gave_up(missed)
                self._means.book.write(page)
            self._not_before, self._quiet_until = 0.0, self._next(now)
            if not asked.run:
                return
            at = asked.run[0]
            request = Request(
                str(self._means.workspace.root), str(self._study.path), "clock", as_of=at
            )
            self._run = _Run(at, self._submitted(request), page, lock.pop_all())
            self._quiet_until = datetime.min.replace(tzinfo=UTC)

    def _submitted(self, request: Request) -> Future[Answer]:
        try:
            return self._means.submit(request)
        except Exception as error:
            failed: Future[Answer] = Future()
            failed.set_exception(error)
            return failed

    def _settle(self, run: _Run) -> Ended | None:
        self._run = None
        with run.lock:
            answer = _answer(run.future)
            if answer is None:  # it was never begun
                return None
            now = self._means.now()
            if answer.exit_code == 0:
                self._page = run.page.succeeded(run.at, answer.run_id, now)
                self._means.say(f"{self.name} as of {utc(run.at)}: run {answer.run_id}")
            else:
                self._page = self._failed(run, answer, now)
            self._means.book.write(self._page)
            self._troubles = 0
        return Ended(self.name, run.at, answer.exit_code)

    def _failed(self, run: _Run, answer: Answer, now: datetime) -> Page:
        reason = next(iter(answer.error.splitlines()), "it failed without a word")
        tried = run.page.trying
        attempts = tried.attempts + 1 if tried is not None and tried.at == run.at else 1
        page = run.page.failed(
            run.at, reason, now, exit_code=answer.exit_code,
            passing=answer.kind == UNREACHABLE
            or (answer.kind == CRASHED and attempts < MOST_DEATHS),
        )  # fmt: skip
        said = f"{self.name} as of {utc(run.at)}: {reason}"
        if agenda(self._schedule, page, now).run[:1] != (run.at,):
            self._means.say(said)  # its next time has come: on to that
            return page
        pause_s = self._pause(attempts)
        self._means.say(f"{said}; it is tried again in {pause_s:.0f} s")
        return page

    def _pause(self, failures: int) -> float:
        """Wait longer with each failure, but not beyond the study's next time."""
        pause_s = min(self._means.pause_s * 2.0 ** min(failures - 1, 30), LONGEST_PAUSE_S)
        now = self._means.now()
        self._not_before = time.monotonic() + pause_s
        self._quiet_until = self._next(now)
        return pause_s

    def _next(self, now: datetime) -> datetime:
        """Return when to look again: at the line's next time, whether or not its day is a session.

        So a calendar, which is slow to load, is loaded only when something may be due.
        """
        any_day = self._schedule.model_copy(update={"calendar": None})
        return next(iter(next_times(any_day, now, 1)), NEVER)

    def _trusted_page(self, now: datetime) -> Page:
        """Return the study's page; one that cannot be relied on is put right, and that is said."""
        book, say = self._means.book, self._means.say
        note = ""
        try:
            page = book.read(self.name)
        except Damaged as error:
            aside = book.set_aside(self.name)
            page, note = None, f"its book could not be read and is kept as {aside.name}"
            say(f"{error.what}; it is kept as {aside.name}")
        if page is not None and not page.is_ahead(now):
            return page
        begin = beginning(self._schedule, now)
        if page is None:
            page = Page(study=self.name, done_until=begin, note=note)
        else:
            page = page.corrected(now, begin)
            say(f"{self.name}: {page.note}")
        book.write(page)
        return page


def _answer(future: Future[Answer]) -> Answer | None:
    """Return what came of a run; None if it was cancelled."""
    try:
        return future.result()
    except CancelledError:
        return None
    except Exception as error:
        return Answer(1, error=f"{type(error).__name__}: {error}", kind=CRASHED)


def utc(moment: datetime) -> str:
    """Write a moment for people."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
