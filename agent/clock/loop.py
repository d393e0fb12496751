"""Run what is due, in order, never the same study twice at once."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.clock.times import missed, next_times
from agent.runner.worker import Request
from configs.errors import Busy
from storage.locks import hold

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from agent.clock.book import Book
    from agent.runner.worker import Answer
    from agent.studies import Study
    from configs.workspace import Workspace

LOOK_S = 1.0
ATTEMPTS = 3
PAUSE_S = 30.0


class Clock:
    """Runs studies at their times.

    A time counts as done when its run is, so a clock that is killed runs it again, and finds it
    done or resumes it. A run that fails is tried again; after the last attempt its time is passed
    over with a word, so that one bad day does not hold up those after it.

    Parameters
    ----------
    studies
        Those with a schedule.
    submit
        Starts a run.
    now
        Tells the time, UTC.
    """

    def __init__(
        self,
        workspace: Workspace,
        studies: Sequence[Study],
        submit: Callable[[Request], Future[Answer]],
        book: Book,
        *,
        say: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause_s: float = PAUSE_S,
    ) -> None:
        self._workspace = workspace
        self._studies = studies
        self._submit = submit
        self._book = book
        self._say = say
        self._now = now
        self._pause_s = pause_s

    def run_due(self) -> int:
        """Run all that is due now; return how many runs that were."""
        return sum(self._catch_up(study) for study in self._studies)

    def run(self, stop: threading.Event) -> None:
        """Run what is due until told to stop."""
        while not stop.is_set():
            self.run_due()
            stop.wait(LOOK_S)

    def next_times(self, count: int) -> dict[str, list[datetime]]:
        """Return each study's next times."""
        now = self._now()
        return {
            study.spec.name: next_times(study.spec.schedule, now, count)
            for study in self._studies
            if study.spec.schedule
        }

    def _catch_up(self, study: Study) -> int:
        schedule = study.spec.schedule
        if schedule is None:
            return 0
        name = study.spec.name
        now = self._now()
        done = self._book.done_until(name, now=now)
        times = missed(schedule, done, now)
        if not times:
            return 0
        self._workspace.locks.mkdir(parents=True, exist_ok=True)
        try:
            with hold(self._workspace.locks / f"clock-{name}.lock", what=name, timeout_s=0.01):
                # Another clock may have done some of them before we had the lock.
                done = self._book.done_until(name, now=now)
                times = [at for at in times if at > done]
                for at in times:
                    self._run_at(study, at)
        except Busy:
            return 0  # another process runs it
        return len(times)

    def _run_at(self, study: Study, at: datetime) -> None:
        name = study.spec.name
        for attempt in range(1, ATTEMPTS + 1):
            request = Request(str(self._workspace.root), str(study.path), "clock", as_of=at)
            answer = self._submit(request).result()
            if answer.exit_code == 0:
                self._say(f"{name} as of {at:%Y-%m-%d %H:%M} UTC: run {answer.run_id}")
                break
            self._say(f"{name} as of {at:%Y-%m-%d %H:%M} UTC: {answer.error.splitlines()[0]}")
            if answer.exit_code != 1:
                break  # what is wrong with the study is not mended by trying again
            if attempt < ATTEMPTS:
                time.sleep(self._pause_s)
        self._book.mark(name, at)
