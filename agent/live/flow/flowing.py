"""The flow of a source at work: the journal's tail in, commits out, from where it was ended."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, Self

from agent.live.flow import checkpoint as checkpoints
from agent.live.flow.committing import Committer, Pushed
from agent.live.home import write_json
from configs.errors import Damaged, Failed, QraftError
from configs.output import talk
from configs.remedies import Mend
from storage.journal.folder import Mark
from storage.journal.reader import Reader
from storage.journal.record import Kind
from taskspecs.sources.load import restore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.live.flow.commits import Commit
    from agent.live.home import SourceHome
    from configs.output import Talk
    from storage.journal.reader import Older
    from storage.journal.record import Cursor, Record
    from tasks.streams.outputs import Outputs
    from taskspecs.sources.spec import SourceSpec

MOST_RECORDS: Final = 20_000
"""Pushed at once when there is something to catch up."""
CHECKPOINT_S: Final = 10.0
"""To freeze a state takes a twentieth of a second; to go over what came since, as long as that
took."""
CHECKPOINT_RECORDS: Final = 100_000
STATUS_S: Final = 0.5
SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.002, 0.012
WAIT_FOR_EACH_S: Final = 1e-6
"""Of waiting, for each record that comes in a second: a push costs half a millisecond whatever it
holds, so the faster they come, the more of them are pushed together."""
BEHIND: Final = 1_000
"""So many records at once are a flow that has to catch up: it does not wait."""
DRAIN_S: Final = 2.0


class Flowing(Protocol):
    """What a runner asks of a flow; `tasks.streams.flow.Flow` is one."""

    @property
    def spec(self) -> SourceSpec:
        """The document that is in force."""

    def push(self, records: Sequence[Record]) -> Outputs:
        """Take records in their order."""

    def freeze(self) -> bytes:
        """Return the state."""


class Make(NamedTuple):
    """How flows come to be."""

    new: Callable[[SourceSpec], Flowing]
    thaw: Callable[[bytes], Flowing]
    """Raises `Damaged` for what is no state, or one of another version."""
    decimals: Callable[[SourceSpec], tuple[int, int, int]]
    """Digits behind the point of prices, sizes and amounts, by a document."""


class Pace:
    """How long a flow waits between two pushes: as long as latency allows.

    Examples
    --------
    >>> times = iter([0.0, 0.01, 0.02, 0.03])
    >>> slow = Pace(lambda: next(times))
    >>> slow.wait_s(10), slow.wait_s(5_000)
    (0.002, 0.0)
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last_s = now()
        self._per_s = 0.0

    def wait_s(self, count: int) -> float:
        """Return the seconds to wait after a push of so many records."""
        now = self._now()
        passed_s, self._last_s = now - self._last_s, now
        if count >= BEHIND:
            return 0.0
        self._per_s += (count / max(passed_s, 1e-4) - self._per_s) * 0.1
        return min(max(self._per_s * WAIT_FOR_EACH_S, SHORTEST_WAIT_S), LONGEST_WAIT_S)


class Runner:
    """Runs the flow of one source; open it as a context.

    Parameters
    ----------
    home
        The source's folders.
    make
        How its flow is made.
    older
        Where segments are that have left the journal's folder.
    on_commit
        Is told of each commit, after it is on the disk.

    Raises
    ------
    Busy
        If another process runs this source's flow.
    """

    def __init__(
        self,
        home: SourceHome,
        make: Make,
        *,
        older: Older | None = None,
        on_commit: Callable[[Cursor, Commit], None] | None = None,
        say: Talk = talk,
    ) -> None:
        self._home, self._make, self._say = home, make, say
        self._older = older
        self._reader = Reader(home.journal, older=older)
        self.commits = Committer(home, on_commit=on_commit, say=say)
        self._flow: Flowing | None = None
        self._spec: SourceSpec | None = None
        self._digits = (0, 0, 0)
        self._frozen: checkpoints.Checkpoint | None = None
        self._mark: Mark | None = None
        self._since_checkpoint = 0
        self._said_at = self._frozen_at = time.monotonic()
        self.newest_us = 0
        self.watermark_us: int | None = None

    def __enter__(self) -> Self:
        """Take up the flow where its last checkpoint is."""
        self.commits.open()
        try:
            found = self._find()
            self.commits.go_on(found)
            self._resumed = self.commits.committed
            self._reader = Reader(self._home.journal, found.at, older=self._older)
        except BaseException:
            self.commits.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Commit what can be, and let go."""
        try:
            if kind is None:
                self.settle()
        finally:
            self._reader.close()
            if self._mark is not None:
                self._mark.close()
            self.commits.close()

    @property
    def cursor(self) -> Cursor:
        """Where the last record that was pushed ends."""
        return self._reader.ended

    def run(self, stop: Callable[[], bool]) -> None:
        """Go on until told to stop."""
        pace = Pace()
        while not stop():
            if (wait_s := pace.wait_s(self.step())) > 0:
                time.sleep(wait_s)

    def step(self, most: int = MOST_RECORDS) -> int:
        """Push what has come, commit what is due; return how many records there were."""
        repeated = self.cursor < self._resumed  # committed before: gone over in silence
        records = self._reader.read(most, until=self._resumed if repeated else None)
        if records:
            self._push(records, repeated=repeated)
        self._commit_due()
        return len(records)

    def settle(self) -> None:
        """Commit all that was pushed and is on the disk, and write a checkpoint of it."""
        until = time.monotonic() + DRAIN_S
        while not self._is_durable(self.cursor) and time.monotonic() < until:
            time.sleep(SHORTEST_WAIT_S)
        while self.commits.waiting and self._is_durable(self.cursor):
            self.commits.commit(self._is_durable)
        self.commits.wait()
        if self._flow is not None and not self.commits.waiting:
            self._freeze()
            self._keep_frozen()
        self.commits.wait()
        self._write_status("ended")

    def _find(self) -> checkpoints.Checkpoint:
        try:
            found = checkpoints.read(self._home.checkpoint)
            self._flow = self._make.thaw(found.state) if found.state else None
        except Damaged as error:
            self._say(f"{error.what}; the flow is made anew from the journal", "warning")
            return checkpoints.NOTHING
        return found

    def _push(self, records: list[Record], *, repeated: bool) -> None:
        flow = self._flow or self._begin(records)
        outputs = flow.push(records)
        self.newest_us, self.watermark_us = records[-1].arrival_us, outputs.watermark_us
        self._since_checkpoint += len(records)
        if not repeated:
            digits = self._decimals(flow.spec)
            self.commits.add(Pushed(self.cursor, self.newest_us, len(records), outputs, digits))

    def _decimals(self, spec: SourceSpec) -> tuple[int, int, int]:
        if spec is not self._spec:
            self._spec, self._digits = spec, self._make.decimals(spec)
        return self._digits

    def _begin(self, records: Sequence[Record]) -> Flowing:
        """Make the flow of the journal's first document."""
        for record in records:
            if record.kind is Kind.SPEC:
                self._flow = self._make.new(restore(record.body))
                return self._flow
        raise Failed(
            f"the journal of {self._home.name} does not begin with its source's document",
            hint="its beginning has left the archive, and there is no checkpoint",
            remedy=Mend.CHECK_STREAM(source=self._home.name),
        )

    def _commit_due(self) -> None:
        self.commits.commit_due(self._is_durable)
        now = time.monotonic()
        due = self._since_checkpoint >= CHECKPOINT_RECORDS or now - self._frozen_at >= CHECKPOINT_S
        if self._frozen is None and self._since_checkpoint and due and self._flow is not None:
            self._freeze()
        self._keep_frozen()
        if now - self._said_at >= STATUS_S:
            self._write_status("running")

    def _freeze(self) -> None:
        """Take the state now; it is kept once all that is in it is committed."""
        assert self._flow is not None  # noqa: S101 - for the type
        self._frozen = checkpoints.make(self.cursor, self.commits.log, self._flow.freeze())
        self._frozen_at, self._since_checkpoint = time.monotonic(), 0

    def _keep_frozen(self) -> None:
        frozen = self._frozen
        if frozen is not None and self._is_durable(frozen.at) and self.commits.handed >= frozen.at:
            self.commits.keep(frozen)
            self._frozen = None

    def _is_durable(self, cursor: Cursor) -> bool:
        if self._mark is None:
            if not self._home.journal.mark.exists():
                return True  # a copy, which nobody writes
            self._mark = Mark(self._home.journal.mark, write=False)
        return cursor <= self._mark.durable()

    def _write_status(self, state: str, trouble: str = "") -> None:
        self._said_at = time.monotonic()
        behind = state == "running" and self.newest_us and self._reader.behind()
        status: dict[str, Any] = {
            "pid": os.getpid(),
            "at": time.time(),
            "state": state,
            "trouble": trouble,
            "cursor": list(self.cursor),
            "committed": list(self.commits.committed),
            "newest_us": self.newest_us,
            "watermark_us": self.watermark_us,
            "behind_s": max(0.0, time.time() - self.newest_us / 1e6) if behind else 0.0,
            "counts": dict(self.commits.counts),
            "thresholds": self.commits.thresholds,
        }
        write_json(self._home.status("flow"), status, synced=False)

    def say_trouble(self, error: QraftError) -> None:
        """Leave word of why the flow has ended."""
        self._write_status("failed", str(error))
