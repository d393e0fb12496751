"""Work: an event that wakes a study is waiting, running, done or dead.

Work that runs belongs to a listener whose lock lives as long as its process; what a killed one held
is taken over at once. A study's work is taken together, and one study never runs twice at once. It
is the study that fails, not an event, so it is the study that is waited with.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection

    from storage.events.sqlite_file import SqliteFile

State = Literal["waiting", "running", "done", "dead"]
UNREADABLE = "unreadable"
"""The kind of a dead letter that no study was asked about: it could not be read as an event."""
NOBODY = ""
"""In place of a study's name, there."""
LONGEST_REASON = 4_000
FURTHEST_S = 2 * 86_400.0
"""A time further ahead was written by a clock that was wrong."""
MOST_AT_ONCE = 5_000
"""Events of one run."""
OFTEN = 5
"""A run that ended so often together with its listener may be why."""
LONGEST_PAUSE_S = 600.0


@dataclass(frozen=True, slots=True)
class Work:
    """An event and a study that it wakes, or a dead letter."""

    number: int
    """The event's place in the order of what came."""
    ident: str
    study: str
    state: State
    topic: str
    type: str
    source: str
    body: bytes
    bytes: int
    """Of the message as it came; more than are kept, where it was huge."""
    tries: int
    since: float
    """When it first failed, in seconds since 1970; 0 if it has not."""
    kind: str
    reason: str
    run_id: str
    at: float
    """When its state last changed."""

    @property
    def id(self) -> str:
        """By which a person names it."""
        return f"{self.number}.{self.study}" if self.study else str(self.number)


SELECT = (
    "SELECT e.id, e.ident, w.study, w.state, e.topic, e.type, e.source, coalesce(e.body, x''),"
    " e.bytes, w.tries, coalesce(w.failing_since, 0), w.kind, w.reason, w.run_id, w.at"
    " FROM work w JOIN event e ON e.id = w.event"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How failures are dealt with; pure functions."""

    hopeless: Callable[[int, float], bool]
    """From how often an event was tried, and the seconds since it first failed, to whether that was
    often enough."""
    pause_s: Callable[[int], float]
    """From how often the study failed in a row to the seconds until it is tried again."""


class Worklist:
    """The work of an inbox; see the module."""

    def __init__(self, file: SqliteFile, *, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now

    def ready(self, studies: Collection[str]) -> list[str]:
        """Return the studies whose work is due and does not run; who ran longest ago comes first.

        A burst is due when it is quiet, or when its first event has waited as long as it may.
        """
        now = self._now()
        rows: Any = self._file.rows(
            "SELECT w.study FROM work w JOIN study s ON s.name = w.study"
            " WHERE w.state = 'waiting' AND NOT (s.not_before > ?1 AND s.not_before < ?1 + ?2)"
            " AND NOT EXISTS (SELECT 1 FROM work r WHERE r.study = w.study AND r.state = 'running')"
            " GROUP BY w.study"
            " HAVING max(w.due) <= ?1 OR min(w.latest) <= ?1 OR max(w.due) > ?1 + ?2"
            " ORDER BY s.started, min(w.event)",
            (now, FURTHEST_S),
        )
        return [study for (study,) in rows if study in studies]

    def claim(self, study: str, owner: str) -> list[Work]:
        """Take all of a study's waiting work, unless some of it runs; the oldest events first."""
        now = self._now()
        with self._file.transaction() as connection:
            running = "SELECT 1 FROM work WHERE study = ? AND state = 'running' LIMIT 1"
            if connection.execute(running, (study,)).fetchone():
                return []
            connection.execute(
                "UPDATE work SET state = 'running', owner = ?, at = ? WHERE study = ? AND event IN"
                " (SELECT event FROM work WHERE study = ? AND state = 'waiting'"
                " ORDER BY event LIMIT ?)",
                (owner, now, study, study, MOST_AT_ONCE),
            )
            connection.execute("UPDATE study SET started = ? WHERE name = ?", (now, study))
            return _running(connection, study, owner)

    def done(self, study: str, owner: str, run_id: str) -> None:
        """Note that what an owner ran for a study succeeded."""
        now = self._now()
        with self._file.transaction() as connection:
            connection.execute(
                "UPDATE work SET state = 'done', tries = tries + 1, owner = NULL, kind = '',"
                " reason = '', run_id = ?, at = ?"
                " WHERE study = ? AND state = 'running' AND owner = ?",
                (run_id, now, study, owner),
            )
            connection.execute(
                "UPDATE study SET failures = 0, not_before = 0, succeeded = ? WHERE name = ?",
                (now, study),
            )

    def failed(
        self,
        study: str,
        owner: str,
        kind: str,
        reason: str,
        policy: Policy,
        *,
        letter: Callable[[Work], tuple[str, bytes]],
    ) -> list[Work]:
        """Note that what an owner ran failed; return what is dead of it.

        Parameters
        ----------
        letter
            The topic, and what is told there, best effort, of a dead letter.
        """
        now = self._now()
        reason = text(reason)[:LONGEST_REASON]
        with self._file.transaction() as connection:
            tried = [
                replace(
                    work, tries=work.tries + 1, since=work.since or now, kind=kind, reason=reason
                )
                for work in _running(connection, study, owner)
            ]
            dead = [work for work in tried if policy.hopeless(work.tries, now - work.since)]
            gone = {work.number for work in dead}
            connection.executemany(
                "UPDATE work SET state = ?, tries = ?, owner = NULL, kind = ?, reason = ?, at = ?,"
                " due = ?, latest = ?, failing_since = ? WHERE event = ? AND study = ?",
                [
                    (
                        "dead" if work.number in gone else "waiting", work.tries, kind, reason,
                        now, now, now, work.since, work.number, study,
                    )
                    for work in tried
                ],
            )  # fmt: skip
            (failures,) = connection.execute(
                "UPDATE study SET failures = failures + 1 WHERE name = ? RETURNING failures",
                (study,),
            ).fetchone()
            # Where nothing is left to be tried again, the next event need not wait.
            pause = policy.pause_s(failures) if len(dead) < len(tried) else 0.0
            connection.execute(
                "UPDATE study SET not_before = ? WHERE name = ?", (now + pause, study)
            )
            for work in dead:
                add_outgoing(connection, f"dead:{work.id}:{now}", *letter(work), now)
        return dead

    def take_over(self, is_gone: Callable[[str], bool]) -> int:
        """Let what killed listeners ran wait again, at once; return how much that is.

        It was no try of the run's that failed. A run that ends with its listener again and again is
        waited with for a while, so that others have their turn.
        """
        owners: Any = self._file.rows(
            "SELECT owner FROM work WHERE state = 'running' UNION SELECT owner FROM listener"
        )
        gone = [owner for (owner,) in owners if is_gone(owner)]
        now = self._now()
        taken = 0
        for owner in gone:
            with self._file.transaction() as connection:
                ended = connection.execute(
                    "UPDATE work SET state = 'waiting', owner = NULL, at = ?1, due = ?1,"
                    " latest = ?1, interrupted = interrupted + 1"
                    " WHERE state = 'running' AND owner = ?2 RETURNING study, interrupted",
                    (now, owner),
                ).fetchall()
                taken += len(ended)
                for study, times in dict(sorted(ended)).items():
                    pause = min(2.0 ** (times - OFTEN), LONGEST_PAUSE_S) if times > OFTEN else 0.0
                    connection.execute(
                        "UPDATE study SET not_before = max(not_before, ?) WHERE name = ?",
                        (now + pause, study),
                    )
                connection.execute("DELETE FROM listener WHERE owner = ?", (owner,))
        return taken

    def of_run(self, run_id: str) -> list[Work]:
        """Return the work that a run has done."""
        rows: Any = self._file.rows(f"{SELECT} WHERE w.run_id = ? ORDER BY e.id", (run_id,))
        return [Work(*row) for row in rows]

    def waiting_for(self) -> dict[str, int]:
        """Return how much waits for each study."""
        rows: Any = self._file.rows(
            "SELECT study, count(*) FROM work WHERE state = 'waiting' GROUP BY study"
        )
        return dict(rows)

    def heard(self, owner: str, pid: int, *, connected: bool) -> None:
        """Note that a listener has made its round."""
        with self._file.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO listener VALUES (?, ?, ?, ?)",
                (owner, pid, self._now(), connected),
            )

    def left(self, owner: str) -> None:
        """Note that a listener has ended in order."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM listener WHERE owner = ?", (owner,))


def text(value: str) -> str:
    """Return text that UTF-8 can hold: half of a surrogate pair becomes a question mark."""
    return value.encode("utf-8", "replace").decode()


def add_work(
    connection: sqlite3.Connection,
    event: int | None,
    study: str,
    state: str,
    *,
    kind: str = "",
    reason: str = "",
    due: float,
    latest: float,
    now: float,
) -> None:
    """Put work on the list, in a transaction that does more."""
    connection.execute(
        "INSERT OR IGNORE INTO work VALUES (?, ?, ?, 0, 0, ?, ?, NULL, NULL, ?, ?, '', ?)",
        (event, study, state, due, latest, kind, text(reason)[:LONGEST_REASON], now),
    )


def add_outgoing(
    connection: sqlite3.Connection, ident: str, topic: str, body: bytes, now: float
) -> bool:
    """Put something into the outbox, in a transaction that does more; false if it was there."""
    added = connection.execute(
        "INSERT OR IGNORE INTO outgoing VALUES (?, ?, ?, 'untold', 0, ?, ?, '')",
        (text(ident), topic, body, now, now),
    )
    return bool(added.rowcount)


def _running(connection: sqlite3.Connection, study: str, owner: str) -> list[Work]:
    rows = connection.execute(
        f"{SELECT} WHERE w.study = ? AND w.state = 'running' AND w.owner = ? ORDER BY e.id",
        (study, owner),
    )
    return [Work(*row) for row in rows]
