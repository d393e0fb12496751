"""The clock at a write, held against others at hand, so that a wrong one freezes nothing.

A ledger's time never runs back: what a clock of 2031 writes makes every right clock look as if it
had been set back. So a time is held, before it is written, against the store's own clock where that
is another machine's, against how long this process has run, and against the newest entry. What is
out is refused until a person says which is right.
"""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.lake.objects import FolderObjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.lake.objects import ObjectStore

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No ledger began before this; a clock that says so was never set."""
APART = timedelta(minutes=15)
"""By how much the clocks of two machines may differ; what a bucket lets a request differ, too."""
PAUSE = timedelta(days=7)
"""By how much a clock may gain on the time that a process has run: a laptop sleeps meanwhile."""
SILENCE = timedelta(days=180)
"""How long a ledger by which people have decided may be silent before a person is asked."""
WORD = timedelta(days=1)
"""For how long after a person's word on the clock nothing is held against it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger knows of the time.

    Attributes
    ----------
    newest
        The newest time that counts; none in a ledger without entries.
    word
        What the last person who set the clock right said it was.
    decided
        Whether people have decided something by it: a policy is in force.
    """

    newest: datetime | None = None
    word: datetime | None = None
    decided: bool = False


class Witnesses:
    """Clocks beside the one that is asked.

    Parameters
    ----------
    store
        Of the ledger.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._began: tuple[datetime, float] | None = None
        self._asked = -float("inf")

    def doubt(self, at: datetime) -> str:
        """Say which of them does not agree with a time of this machine's own clock."""
        ran = _running_s()
        if self._began is None:
            self._began = (at, ran)
        gained = at - self._began[0] - timedelta(seconds=ran - self._began[1])
        if abs(gained) > PAUSE:
            return f"this machine's clock was set by {_span(gained)} while this process ran"
        if ran - self._asked < APART.total_seconds():
            return ""
        there = store_time(self._store)
        if there is not None and abs(at - there) > APART:
            return f"the clock of where the ledger is kept says {there:%Y-%m-%d %H:%M:%S} UTC"
        self._asked = ran
        return ""


def out_of_bounds(at: datetime, told: Told, witnesses: Callable[[datetime], str]) -> str:
    """Say why a time is not to be written; empty where nothing speaks against it.

    A time before the newest entry's is not refused here: it moves nothing, and nothing is decided
    by it (`gate.approval.clock.decision_time`).

    Examples
    --------
    >>> told = Told(datetime(2026, 11, 30, tzinfo=UTC), decided=True)
    >>> out_of_bounds(datetime(2031, 11, 30, tzinfo=UTC), told, lambda _: "")
    'the newest entry is of 2026-11-30 00:00:00 UTC, 1826 days before'
    """
    if told.word is not None and abs(at - told.word) <= WORD:
        return ""
    if told.newest is None and at < EARLIEST:
        return "no ledger is so old"
    if told.newest is not None and told.decided and at - told.newest > SILENCE:
        return (
            f"the newest entry is of {told.newest:%Y-%m-%d %H:%M:%S} UTC, "
            f"{_span(at - told.newest)} before"
        )
    return witnesses(at)


def store_time(store: ObjectStore) -> datetime | None:
    """Return the time by which a folder's file system stamps a file; None for any other store.

    On this machine's own disk it is the same clock; on a file server it is the server's. A bucket
    refuses by itself whoever's clock is out by `APART`.
    """
    if not isinstance(store, FolderObjects) or not store.root.is_dir():
        return None
    probe = store.root / f".clock.{secrets.token_hex(8)}"
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        stamped = probe.stat().st_mtime
        probe.unlink()
    except OSError:  # a disk that is full or read-only is found out by the write itself
        return None
    return datetime.fromtimestamp(stamped, UTC)


def _running_s() -> float:
    """Seconds that the machine has run, asleep or awake, where it tells."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _span(gained: timedelta) -> str:
    return f"{gained.days} days" if abs(gained) >= timedelta(days=2) else f"{gained}"
