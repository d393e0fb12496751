"""What a monitor wants to know of the inbox at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.events.sqlite_file import SqliteFile

ALIVE_S = 30.0
"""A listener that was not heard for so long does not listen."""


@dataclass(frozen=True, slots=True)
class InboxState:
    """Counts and times; see each."""

    waiting: int
    """Pieces of work: an event that wakes two studies is two."""
    running: int
    dead: dict[str, int]
    """Dead letters by their kind."""
    oldest_waiting_s: float | None
    """How long the oldest waits; with `debounce_s`, or while a study fails, that is meant."""
    last_success: dict[str, float]
    """Study to when a run for its events last succeeded, in seconds since 1970."""
    failing: dict[str, int]
    """Study to how many of its runs failed in a row; only those that fail."""
    untold: int
    """What the outbox holds and no bus has confirmed."""
    listeners: int
    """Those whose last round was not long ago."""
    last_round_s: float | None
    """Seconds since the last round of any listener; None where none listens."""
    connected: bool | None
    """Whether the bus was there in that round."""


def read_state(file: SqliteFile, now: float) -> InboxState:
    """Read it; writes nothing."""
    counts: Any = dict(file.rows("SELECT state, count(*) FROM work GROUP BY state"))  # type: ignore[arg-type]
    dead: Any = file.rows("SELECT kind, count(*) FROM work WHERE state = 'dead' GROUP BY kind")
    oldest: Any = file.rows(
        "SELECT min(e.at) FROM work w JOIN event e ON e.id = w.event WHERE w.state = 'waiting'"
    )[0][0]
    studies: Any = file.rows("SELECT name, succeeded, failures FROM study ORDER BY name")
    untold: Any = file.rows("SELECT count(*) FROM outgoing WHERE state = 'untold'")[0][0]
    listeners: Any = file.rows("SELECT at, connected FROM listener ORDER BY at")
    return InboxState(
        waiting=counts.get("waiting", 0),
        running=counts.get("running", 0),
        dead=dict(dead),
        oldest_waiting_s=None if oldest is None else max(0.0, now - oldest),
        last_success={name: at for name, at, _ in studies if at is not None},
        failing={name: failures for name, _, failures in studies if failures},
        untold=untold,
        listeners=sum(now - at < ALIVE_S for at, _ in listeners),
        last_round_s=max(0.0, now - listeners[-1][0]) if listeners else None,
        connected=bool(listeners[-1][1]) if listeners else None,
    )
