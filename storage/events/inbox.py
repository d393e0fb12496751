"""The inbox: what came is written and synced here before the broker may forget it.

An event is kept once, by its id; what is no event, by its digest. Each study has its place in the
order of what came, and goes on from there: a listener that was away, or that knows other studies,
misses nothing. All times are seconds since 1970, of the wall clock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage.events.envelope import EVENTS
from storage.events.inbox_state import InboxState, read_state
from storage.events.work import NOBODY, UNREADABLE, add_work, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from storage.events.sqlite_file import SqliteFile

KEPT_S = 60 * 86_400.0
"""Longer than a broker keeps a message that nobody takes."""
KEPT_IDS = 100_000
BODY_S = 86_400.0
LARGEST_KEPT_BYTES = 1 << 20
"""Of one message; nsqd carries no larger one unless it is told to."""
MOST_LOOKED_AT = 5_000
_NEWEST = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it will be kept."""

    topic: str
    body: bytes
    ident: str
    """The event's id after ``id:``, or the digest of what is no event after ``sha256:``."""
    type: str = ""
    source: str = ""
    reason: str = ""
    """Why it is no event."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of messages that were kept."""

    fresh: int
    repeated: int
    unreadable: list[Arrived] = field(default_factory=list)
    """Those of the fresh ones."""


@dataclass(frozen=True, slots=True)
class Route:
    """Which events wake a study."""

    types: Collection[str]
    """Only events of these types are looked at."""
    wakes: Callable[[bytes], tuple[float, float] | None]
    """From an event's bytes to the seconds of quiet that are waited for and the most that is waited
    in all; None if it does not wake the study."""


class Inbox:
    """What came; see the module."""

    def __init__(self, file: SqliteFile, *, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now

    def keep(self, messages: Iterable[Arrived]) -> Kept:
        """Write messages, in one step that is synced when this returns.

        An event that the outbox told, and that is seen here, need not be told again.
        """
        now = self._now()
        fresh = repeated = 0
        unreadable = []
        with self._file.transaction() as connection:
            for message in messages:
                ident = text(message.ident)
                added = connection.execute(
                    "INSERT OR IGNORE INTO event (ident, topic, type, source, body, bytes, at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        ident, message.topic, text(message.type), text(message.source),
                        message.body[:LARGEST_KEPT_BYTES], len(message.body), now,
                    ),
                )  # fmt: skip
                if message.topic == EVENTS:
                    connection.execute(
                        "UPDATE outgoing SET state = 'seen', body = NULL"
                        " WHERE ident = ? AND state <> 'seen'",
                        (ident,),
                    )
                if not added.rowcount:
                    repeated += 1
                    continue
                fresh += 1
                if message.reason:
                    unreadable.append(message)
                    add_work(
                        connection, added.lastrowid, NOBODY, "dead",
                        kind=UNREADABLE, reason=message.reason, due=now, latest=now, now=now,
                    )  # fmt: skip
        return Kept(fresh, repeated, unreadable)

    def follow(self, studies: Iterable[str]) -> None:
        """Let studies hear of what comes from now on; one that did so before goes on there."""
        with self._file.transaction() as connection:
            connection.executemany(
                f"INSERT OR IGNORE INTO study (name, cursor) SELECT ?, ({_NEWEST})",
                [(study,) for study in studies],
            )

    def newest(self) -> int:
        """Return the number of the newest event."""
        rows: Any = self._file.rows(_NEWEST)
        return int(rows[0][0])

    def route(self, routes: Mapping[str, Route]) -> int:
        """Make work of the events that came since the last time, for each study that they wake.

        Returns
        -------
        int
            Up to which event every study has looked.
        """
        with self._file.transaction() as connection:
            (newest,) = connection.execute(_NEWEST).fetchone()
            looked = newest
            for study, route in routes.items():
                (cursor,) = connection.execute(
                    "SELECT cursor FROM study WHERE name = ?", (study,)
                ).fetchone()
                marks = ", ".join("?" * len(route.types))
                rows = connection.execute(
                    f"SELECT id, body, at FROM event WHERE id > ? AND type IN ({marks})"  # noqa: S608
                    f" AND body IS NOT NULL ORDER BY id LIMIT {MOST_LOOKED_AT}",
                    (cursor, *route.types),
                ).fetchall()
                for number, body, at in rows:
                    if (waits := route.wakes(body)) is not None:
                        due, latest = (at + wait for wait in waits)
                        add_work(
                            connection, number, study, "waiting", due=due, latest=latest, now=at
                        )
                until = rows[-1][0] if len(rows) == MOST_LOOKED_AT else newest
                connection.execute("UPDATE study SET cursor = ? WHERE name = ?", (until, study))
                looked = min(looked, until)
        return int(looked)

    def state(self) -> InboxState:
        """Return what there is and how it goes, for metrics and health; reads only."""
        return read_state(self._file, self._now())

    def compact(self) -> None:
        """Let go of what is done; see `storage.events.boxes` for what is kept how long."""
        now = self._now()
        no_open_work = (
            " AND NOT EXISTS (SELECT 1 FROM work w WHERE w.event = event.id AND w.state <> 'done')"
        )
        with self._file.transaction() as connection:
            connection.execute(
                f"UPDATE event SET body = NULL WHERE body IS NOT NULL AND at < ?{no_open_work}",  # noqa: S608
                (now - BODY_S,),
            )
            connection.execute(
                f"DELETE FROM event WHERE at < ? AND id <= ({_NEWEST}) - ?{no_open_work}",  # noqa: S608
                (now - KEPT_S, KEPT_IDS),
            )
            connection.execute(
                "DELETE FROM work WHERE state = 'done'"
                " AND NOT EXISTS (SELECT 1 FROM event e WHERE e.id = work.event)"
            )
            connection.execute(
                "DELETE FROM outgoing WHERE state = 'seen' AND at < ?", (now - KEPT_S,)
            )
            connection.execute("DELETE FROM owed WHERE at < ?", (now - KEPT_S,))
        self._file.rows("PRAGMA incremental_vacuum(2000)")
