"""The spool: a durable bus in one SQLite file, for a workspace without a broker.

SQLite keeps what a kill, or two processes at once, could break: a message is in the file when
`publish` returns. A lease is a time before which a message is not delivered again, and the number
of its deliveries is the token by which it is settled.

Why not a queue from the shelf: the port promises channels that each get every message, leases with
a touch, and delays, between processes. persist-queue has none of the three, huey and litequeue hand
a message to one consumer and lose it with its process or keep it locked. What is left is the
hundred lines of SQL below; the locking, syncing and recovery are SQLite's.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.events.envelope import LARGEST_BYTES
from storage.events.names import checked, checked_bodies
from storage.events.port import PUBLISH_DEADLINE_S
from storage.events.sqlite_file import SqliteFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from storage.events.port import Delivery

POLL_S = 0.05
_UNCLAIMED = ""
"""The channel of messages that were published before any subscribed."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS channel (topic TEXT, name TEXT, PRIMARY KEY (topic, name));
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, channel TEXT NOT NULL,
    body BLOB NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS due ON message (topic, channel, due, id);
"""


class Spool:
    """A bus in a folder; see :class:`storage.events.port.Bus`."""

    durable = True

    def __init__(self, folder: Path) -> None:
        self._file = SqliteFile(folder / "events.sqlite", _SCHEMA, "the spool")

    def publish(
        self, topic: str, bodies: Sequence[bytes], *, deadline_s: float = PUBLISH_DEADLINE_S
    ) -> None:
        """Write messages for each channel of a topic, in one transaction."""
        checked(topic)
        messages = checked_bodies(list(bodies), LARGEST_BYTES)
        with self._file.transaction(deadline_s) as connection:
            found = connection.execute("SELECT name FROM channel WHERE topic = ?", (topic,))
            channels = [name for (name,) in found] or [_UNCLAIMED]
            connection.executemany(
                "INSERT INTO message (topic, channel, body, due) VALUES (?, ?, ?, 0)",
                [(topic, channel, body) for channel in channels for body in messages],
            )

    @contextmanager
    def subscribe(
        self, topic: str, channel: str, *, in_flight: int = 200, lease_s: float = 60.0
    ) -> Iterator[SpoolSubscription]:
        """Receive the messages of a topic."""
        checked(topic)
        checked(channel)
        with self._file.transaction(PUBLISH_DEADLINE_S) as connection:
            connection.execute("INSERT OR IGNORE INTO channel VALUES (?, ?)", (topic, channel))
            connection.execute(
                "UPDATE message SET channel = ? WHERE topic = ? AND channel = ?",
                (channel, topic, _UNCLAIMED),
            )
        yield SpoolSubscription(self._file, topic, channel, in_flight, lease_s)

    def waiting(self, topic: str) -> list[bytes]:
        """Return the messages of a topic that some channel waits for, each once, the oldest first.

        Nothing is delivered by looking.
        """
        found = self._file.rows(
            "SELECT body FROM message WHERE topic = ? GROUP BY body ORDER BY min(id)",
            (checked(topic),),
        )
        return [bytes(body) for (body,) in found if isinstance(body, bytes)]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class SpoolSubscription:
    """The messages of one topic for one channel."""

    file: SqliteFile
    topic: str
    channel: str
    in_flight: int
    lease_s: float

    def receive(self, timeout_s: float, *, at_most: int = 100) -> Sequence[SpoolDelivery]:
        """Lease what is due; look again every so often until the time is up."""
        deadline = time.monotonic() + timeout_s
        while not (found := self._lease(at_most)) and time.monotonic() < deadline:
            time.sleep(min(POLL_S, max(0.0, deadline - time.monotonic())))
        return found

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        """Delete them, in one transaction."""
        ours = [each for each in deliveries if isinstance(each, SpoolDelivery)]
        with self.file.transaction(PUBLISH_DEADLINE_S) as connection:
            connection.executemany(
                "DELETE FROM message WHERE id = ? AND attempts = ?",
                [(each.id, each.attempts) for each in ours],
            )

    @property
    def connected(self) -> bool:
        """Whether the file can be used."""
        return True

    def _lease(self, at_most: int) -> list[SpoolDelivery]:
        now = time.time()
        # A poll that finds nothing writes nothing.
        any_due = "SELECT 1 FROM message WHERE topic = ? AND channel = ? AND due <= ? LIMIT 1"
        if not self.file.rows(any_due, (self.topic, self.channel, now)):
            return []
        with self.file.transaction(PUBLISH_DEADLINE_S) as connection:
            leased = connection.execute(
                "SELECT count(*) FROM message"
                " WHERE topic = ? AND channel = ? AND attempts > 0 AND due > ?",
                (self.topic, self.channel, now),
            ).fetchone()[0]
            rows = connection.execute(
                "UPDATE message SET attempts = attempts + 1, due = ? WHERE id IN ("
                " SELECT id FROM message WHERE topic = ? AND channel = ? AND due <= ?"
                " ORDER BY due, id LIMIT ?) RETURNING id, body, attempts",
                (
                    now + self.lease_s, self.topic, self.channel, now,
                    max(0, min(at_most, self.in_flight - leased)),
                ),
            ).fetchall()  # fmt: skip
        return [SpoolDelivery(self, *row) for row in sorted(rows)]


@dataclass(frozen=True, slots=True)
class SpoolDelivery:
    """One leased message."""

    subscription: SpoolSubscription
    id: int
    body: bytes
    attempts: int

    def finish(self) -> None:
        """Delete it."""
        self._settle("DELETE FROM message WHERE id = ? AND attempts = ?")

    def requeue(self, delay_s: float) -> None:
        """Let it be due again after a while."""
        due = time.time() + max(0.0, delay_s)
        self._settle("UPDATE message SET due = ? WHERE id = ? AND attempts = ?", due)

    def touch(self) -> None:
        """Start its lease anew."""
        due = time.time() + self.subscription.lease_s
        self._settle("UPDATE message SET due = ? WHERE id = ? AND attempts = ?", due)

    def _settle(self, statement: str, *values: float) -> None:
        with self.subscription.file.transaction(PUBLISH_DEADLINE_S) as connection:
            connection.execute(statement, (*values, self.id, self.attempts))
