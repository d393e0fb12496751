"""Run what is due of many studies: none waits for another."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.road.clock.keeper import Ended, Keeper, Means
from agent.road.clock.times import next_times
from configs.errors import QraftError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from agent.road.clock.book import Book
    from agent.road.runner.worker import Answer, Request
    from agent.road.studies import Study
    from configs.workspace import Workspace

LOOK_S = 0.5
WAIT_S = 0.05
FIRST_PAUSE_S = 10.0


class Clock:
    """Runs studies at their times.

    A time is done only when its run is seen complete. What fails is tried again, less and less
    often, until its next time comes, and then is kept as missed, with the reason; see
    :func:`agent.road.clock.agenda.agenda`. Each study has its own retries, so a slow or failing one
    delays no other, but by the worker that it takes while it runs.

    Parameters
    ----------
    studies
        Those with a schedule count.
    submit
        Starts a run; may raise.
    say
        Told, in a sentence, what happens.
    now
        Tells the time, UTC; people and daemons may set it.
    pause_s
        Seconds before the first retry; each further one waits twice as long.
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
        pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._means = Means(workspace, submit, book, say, now, pause_s)
        self._keepers: dict[str, Keeper] = {}
        self._schedules: list[Study] = []
        self.replace(studies)

    def replace(self, studies: Sequence[Study]) -> None:
        """Look after these studies from now on; what runs of others is still settled."""
        self._schedules = [study for study in studies if study.spec.schedule]
        wanted = {study.spec.name for study in self._schedules}
        self._keepers = {
            name: one for name, one in self._keepers.items() if name in wanted or one.running
        }
        for study in self._schedules:
            schedule = study.spec.schedule
            if schedule is None:
                continue
            if known := self._keepers.get(study.spec.name):
                known.replace(study, schedule)
            else:
                self._keepers[study.spec.name] = Keeper(study, schedule, self._means)

    def run(
        self,
        stop: threading.Event,
        *,
        beat: Callable[[], None] = lambda: None,
        studies: Callable[[], Sequence[Study]] | None = None,
    ) -> list[Ended]:
        """Run what is due until told to stop; then nothing more begins, and what runs is awaited.

        Returns the times whose last attempt failed.

        Parameters
        ----------
        beat
            Called every round: the clock lives.
        studies
            Asked every round which studies there are; default always those of the beginning.
        """
        failed: dict[tuple[str, datetime], Ended] = {}
        while not stop.is_set():
            if studies is not None:
                self.replace(studies())
            self._note(failed, self.round())
            beat()
            stop.wait(LOOK_S)
        self._note(failed, self._finish(beat))
        return list(failed.values())

    def run_due(self, stop: threading.Event, *, patience_s: float = 0.0) -> list[Ended]:
        """Run all that is due now, and return how the last attempt at each time ended.

        Parameters
        ----------
        patience_s
            For how many seconds, counted from now, a failure is tried again.
        """
        deadline = time.monotonic() + patience_s
        ended = self.round()
        while not stop.is_set() and any(k.waits_for(deadline) for k in self._keepers.values()):
            stop.wait(WAIT_S)
            ended += self.round()
        ended += self._finish(lambda: None)
        return list({(one.study, one.at): one for one in ended}.values())

    def round(self) -> list[Ended]:
        """Settle what has ended, and start what is due; one study's trouble is no other's."""
        ended = []
        for keeper in list(self._keepers.values()):
            try:
                one = keeper.round()
            except (QraftError, OSError) as error:
                keeper.trouble()
                self._means.say(f"{keeper.name}: {str(error).splitlines()[0]}")
                one = Ended(keeper.name, self._means.now(), 1)
            if one is not None:
                ended.append(one)
        return ended

    def next_times(self, count: int) -> dict[str, list[datetime]]:
        """Return each study's next times."""
        now = self._means.now()
        return {
            study.spec.name: next_times(study.spec.schedule, now, count)
            for study in self._schedules
            if study.spec.schedule
        }

    def _note(self, failed: dict[tuple[str, datetime], Ended], ended: list[Ended]) -> None:
        for one in ended:
            failed.pop((one.study, one.at), None)
            if one.exit_code:
                failed[one.study, one.at] = one

    def _finish(self, beat: Callable[[], None]) -> list[Ended]:
        """Let nothing begin that waits for a worker, and wait for what runs."""
        running = [keeper for keeper in self._keepers.values() if keeper.running]
        self._keepers = {keeper.name: keeper for keeper in running}
        for keeper in running:
            keeper.cancel()
        ended: list[Ended] = []
        while any(keeper.running for keeper in running):
            for keeper in running:
                if keeper.running:
                    ended += self._settled(keeper)
            beat()
            time.sleep(WAIT_S)
        return ended

    def _settled(self, keeper: Keeper) -> list[Ended]:
        try:
            one = keeper.round()
        except (QraftError, OSError) as error:
            self._means.say(f"{keeper.name}: {str(error).splitlines()[0]}")
            return [Ended(keeper.name, self._means.now(), 1)]
        return [one] if one is not None else []
