"""Committing what a flow has made, in a thread beside it: a disk that is slow holds up no event."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from agent.live.flow import checkpoint as checkpoints
from agent.live.flow.commits import commits, gather, to_bytes
from configs.errors import Failed
from storage.journal.record import BEGINNING, Cursor, Kind, Record
from storage.journal.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.live.flow.checkpoint import Checkpoint
    from agent.live.flow.commits import Commit
    from agent.live.home import SourceHome
    from configs.output import Talk
    from tasks.streams.outputs import Outputs

COMMIT_S: Final = 1.0
COMMIT_RECORDS: Final = 50_000
MOST_RECORDS: Final = 200_000
"""What so many records have made waits for the disk at most; then the flow waits, too."""


class Pushed(NamedTuple):
    """What came of one push, and is not committed."""

    end: Cursor
    newest_us: int
    records: int
    outputs: Outputs
    decimals: tuple[int, int, int]


class Committer:
    """Writes commits and checkpoints, one after the other.

    Parameters
    ----------
    home
        The source's folders.
    on_commit
        Is told of each commit, in the thread, after it is on the disk.
    """

    def __init__(
        self,
        home: SourceHome,
        *,
        on_commit: Callable[[Cursor, Commit], None] | None = None,
        say: Talk,
    ) -> None:
        self._home, self._on_commit = home, on_commit
        self._log = Writer(home.outputs, say=say)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._jobs: deque[Future[None]] = deque()
        self._pending: deque[Pushed] = deque()
        self._broken = threading.Event()
        self._asked_at = time.monotonic()
        self.handed = BEGINNING
        """Up to where commits are asked for."""
        self.committed = BEGINNING
        """Up to where commits are on the disk."""
        self.counts: Counter[str] = Counter()
        """Rows of each table, and events that were dropped, since this process began."""
        self.thresholds: dict[str, float] = {}

    def open(self) -> None:
        """Take the log.

        Raises
        ------
        Busy
            If another process has it.
        """
        self._log.__enter__()

    def close(self) -> None:
        """Let go, once what was asked for is done or has failed."""
        self._beside.shutdown(wait=True)
        self._log.__exit__(None)

    def go_on(self, found: Checkpoint) -> None:
        """Find the last commit, from a checkpoint on."""
        last = found.at
        for _, commit in commits(self._home.outputs, found.log, only=()):
            last = max(last, commit.end)
        self.handed = self.committed = last

    @property
    def log(self) -> Cursor:
        """Up to where the log is on the disk."""
        return self._log.durable

    @property
    def waiting(self) -> bool:
        """Whether there is something that no commit was asked for."""
        return bool(self._pending)

    def add(self, pushed: Pushed) -> None:
        """Take what is to be committed."""
        self._pending.append(pushed)

    def commit_due(self, is_durable: Callable[[Cursor], bool]) -> None:
        """Ask for a commit where one is due; one at a time, so that memory stays flat."""
        self.reap()
        records = sum(each.records for each in self._pending)
        if records >= MOST_RECORDS:
            self.wait()
        if not self._pending or self._jobs:
            return
        late = time.monotonic() - self._asked_at >= COMMIT_S
        many = records >= COMMIT_RECORDS
        if late or many or any(each.outputs.patterns.height for each in self._pending):
            self.commit(is_durable)

    def commit(self, is_durable: Callable[[Cursor], bool]) -> None:
        """Ask for a commit of what was made of records that are on the disk."""
        ready: list[Pushed] = []
        while self._pending and is_durable(self._pending[0].end):
            if ready and ready[-1].decimals != self._pending[0].decimals:
                break  # numbers of another document: they go with the next commit
            ready.append(self._pending.popleft())
        self._asked_at = time.monotonic()
        if ready:
            begin, self.handed = self.handed, ready[-1].end
            self._ask(lambda: self._commit(begin, ready))

    def keep(self, checkpoint: Checkpoint) -> None:
        """Ask for a checkpoint to be written, behind the commits that were asked for."""
        self._ask(lambda: checkpoints.write(self._home.checkpoint, checkpoint))

    def wait(self) -> None:
        """Wait until what was asked for is done, or raise what it failed with."""
        while self._jobs:
            self._jobs.popleft().result()

    def reap(self) -> None:
        """Raise what failed, if something has."""
        while self._jobs and self._jobs[0].done():
            self._jobs.popleft().result()

    def _ask(self, work: Callable[[], None]) -> None:
        self._jobs.append(self._beside.submit(self._do, work))

    def _do(self, work: Callable[[], None]) -> None:
        if self._broken.is_set():  # what comes later rests on what failed
            raise Failed(f"the flow of {self._home.name} cannot commit any more")
        try:
            work()
        except BaseException:
            self._broken.set()
            raise

    def _commit(self, begin: Cursor, ready: list[Pushed]) -> None:
        last = ready[-1]
        parts = [each.outputs for each in ready]
        commit = gather(begin, last.end, last.newest_us, parts, last.decimals)
        place = self._log.append([Record(last.newest_us, Kind.RAW, to_bytes(commit))])
        self.committed = last.end
        self._count(commit)
        if self._on_commit is not None:
            self._on_commit(place, commit)

    def _count(self, commit: Commit) -> None:
        facts = commit.facts
        self.counts.update({name: frame.height for name, frame in commit.tables.items()})
        self.counts.update({f"dropped {why}": n for why, n in facts.drops.items()})
        self.counts.update({f"noted {what}": n for what, n in facts.notes.items()})
        self.counts["late"] += facts.late
        self.thresholds = facts.thresholds
