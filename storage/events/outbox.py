"""The outbox: what is to be told is kept here first, and told until it is known to have arrived.

``untold`` until the bus has confirmed it; ``told`` until it is seen; then ``seen``. A durable bus
has seen what it confirms. nsqd loses what it held when it is killed, so what was told there is told
again, after longer and longer pauses, until the inbox of this workspace has it or another one sent
a receipt. Telling twice has no effect: an event has one id, and whoever hears it keeps the ids.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.errors import Busy, QraftError, Unreachable
from storage.events.envelope import EVENTS, Event, to_bytes
from storage.events.work import add_outgoing, text
from storage.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from storage.events.port import Bus
    from storage.events.sqlite_file import SqliteFile

DEADLINE_S = 5.0
RETELL_S, LONGEST_RETELL_S = 30.0, 86_400.0
"""Doubled from telling to telling."""
UNSEEN_S = 7 * 86_400.0
"""Told again and again for so long and seen by nobody: nobody listens."""
FIRST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_AWAY_S = 1.0, 600.0, 15.0
"""Between attempts at something that the bus refuses; and while the bus is away."""
BATCH = 500
RECEIPTS = "qraft.receipts."
"""With the address of an outbox after it, the topic where what arrived is named."""
RECEIPT = "receipt"
"""In an event's `meta`, the address of the outbox that tells it."""
_ADDRESS = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Owed:
    """A run that was begun and has not said yet what there is to tell of it."""

    run_id: str
    study: str
    path: tuple[str, ...]
    """The studies through which it was woken."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What came of a round."""

    told: int
    left: int
    """What is due and could not be told."""
    trouble: str = ""


class Outbox:
    """What is to be told; several processes may use it at once."""

    def __init__(self, file: SqliteFile, *, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now
        self._own_address = ""

    @property
    def address(self) -> str:
        """Where receipts for this outbox are sent."""
        if not self._own_address:
            rows: Any = self._file.rows("SELECT id FROM address")
            self._own_address = str(rows[0][0])
        return self._own_address

    def keep(self, events: Iterable[Event]) -> int:
        """Write events that will be told; synced when this returns. Return how many are new.

        Raises
        ------
        BadInput
            If one is too large.
        """
        now = self._now()
        rows = [self._row(event) for event in events]
        with self._file.transaction() as connection:
            return sum(add_outgoing(connection, ident, EVENTS, body, now) for ident, body in rows)

    def keep_raw(self, ident: str, topic: str, body: bytes) -> None:
        """Write a message that will be told; synced when this returns."""
        with self._file.transaction() as connection:
            add_outgoing(connection, ident, topic, body, self._now())

    def keep_news(self, run: Owed, events: Iterable[Event], *, until: str | None) -> int:
        """Write what a run tells, and that it owes nothing now, in one step.

        Parameters
        ----------
        until
            The run's last bar, ISO 8601, UTC: up to there its study's patterns are told.
        """
        now = self._now()
        rows = [self._row(event) for event in events]
        with self._file.transaction() as connection:
            new = sum(add_outgoing(connection, ident, EVENTS, body, now) for ident, body in rows)
            if until is not None:
                connection.execute(
                    "INSERT INTO told VALUES (?, ?)"
                    " ON CONFLICT (study) DO UPDATE SET until = max(until, excluded.until)",
                    (run.study, until),
                )
            connection.execute("DELETE FROM owed WHERE run_id = ?", (run.run_id,))
        return new

    def told_until(self, study: str) -> str | None:
        """Return up to which bar a study's patterns are told, ISO 8601."""
        rows: Any = self._file.rows("SELECT until FROM told WHERE study = ?", (study,))
        return rows[0][0] if rows else None

    def owe(self, run: Owed) -> None:
        """Note, before a run begins, that there will be something to tell of it."""
        with self._file.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO owed VALUES (?, ?, ?, ?)",
                (run.run_id, run.study, json.dumps(run.path), self._now()),
            )

    def owed(self) -> list[Owed]:
        """Return the runs that were begun and of which nothing was told yet."""
        rows: Any = self._file.rows("SELECT run_id, study, path FROM owed ORDER BY at")
        return [Owed(run_id, study, tuple(json.loads(path))) for run_id, study, path in rows]

    def keep_promotions(self, events: Sequence[Event]) -> list[Event]:
        """Write the promotions that were never written before; return those.

        Their ids are kept for ever, as the ledger is from which they come.
        """
        now = self._now()
        fresh = []
        with self._file.transaction() as connection:
            for event in events:
                ident, body = self._row(event)
                known = connection.execute(
                    "INSERT OR IGNORE INTO promoted VALUES (?)", (text(event.event_id),)
                )
                if known.rowcount:
                    add_outgoing(connection, ident, EVENTS, body, now)
                    fresh.append(event)
        return fresh

    def keep_files(
        self, folder: str, events: Iterable[Event], known: Iterable[tuple[str, int, int]]
    ) -> None:
        """Write events of files in a folder, and how those files are now, in one step.

        Parameters
        ----------
        known
            Name, time of the last change in nanoseconds, size.
        """
        now = self._now()
        rows = [self._row(event) for event in events]
        with self._file.transaction() as connection:
            for ident, body in rows:
                add_outgoing(connection, ident, EVENTS, body, now)
            connection.executemany(
                "INSERT OR REPLACE INTO folder_file VALUES (?, ?, ?, ?)",
                [(folder, text(name), changed_ns, size) for name, changed_ns, size in known],
            )

    def known_files(self, folder: str) -> dict[str, tuple[int, int]]:
        """Return the files of a folder as they were when they were last looked at."""
        rows: Any = self._file.rows(
            "SELECT name, changed_ns, bytes FROM folder_file WHERE folder = ?", (folder,)
        )
        return {name: (changed_ns, size) for name, changed_ns, size in rows}

    def deliver(self, bus: Bus) -> Telling:
        """Tell what is due; never raises for a bus that is away, or that refuses something.

        Two processes take turns; if another one is at it, nothing is left to do.
        """
        if not self._due():
            return Telling(0, 0)
        lock = self._file.path.with_name("telling.lock")
        try:
            with hold(lock, what="the outbox", timeout_s=0.001):
                return self._deliver(bus)
        except Busy:
            return Telling(0, 0)

    def seen(self, event_ids: Iterable[str]) -> None:
        """Note receipts: these events are in an inbox."""
        with self._file.transaction() as connection:
            connection.executemany(
                "UPDATE outgoing SET state = 'seen', body = NULL WHERE ident = ?",
                [(text(f"id:{event_id}"),) for event_id in event_ids],
            )

    def read_receipts(self, bodies: Iterable[bytes]) -> None:
        """Note the receipts in some messages; what is none is passed over."""
        named: list[str] = []
        for body in bodies:
            try:
                ids = json.loads(body)["ids"]
                named += [each for each in ids if isinstance(each, str)]
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
        if named:
            self.seen(named)

    def unseen(self) -> int:
        """Return how much was told and is not known to have arrived."""
        rows: Any = self._file.rows("SELECT count(*) FROM outgoing WHERE state = 'told'")
        return int(rows[0][0])

    def untold(self) -> int:
        """Return how much was not told at all."""
        rows: Any = self._file.rows("SELECT count(*) FROM outgoing WHERE state = 'untold'")
        return int(rows[0][0])

    def _row(self, event: Event) -> tuple[str, bytes]:
        told = event.model_copy(update={"meta": {**event.meta, RECEIPT: self.address}})
        return f"id:{event.event_id}", to_bytes(told)

    def _deliver(self, bus: Bus) -> Telling:
        told = 0
        deadline = time.monotonic() + DEADLINE_S
        while rows := self._due():
            topic = rows[0][1]
            try:
                left = max(0.1, deadline - time.monotonic())
                bus.publish(topic, [body for _, _, body, _ in rows], deadline_s=left)
            except Unreachable as error:
                self._put_off([row[0] for row in rows], error.what, LONGEST_AWAY_S)
                return Telling(told, len(rows), error.what)
            except QraftError as error:
                # One that is refused must not hold up the others.
                if len(rows) > 1:
                    told += self._one_by_one(bus, rows, deadline)
                    continue
                self._put_off([rows[0][0]], error.what)
                continue
            self._mark(rows, arrived=bus.durable or topic != EVENTS)
            told += len(rows)
            if time.monotonic() > deadline:
                break
        return Telling(told, 0)

    def _one_by_one(self, bus: Bus, rows: Sequence[Any], deadline: float) -> int:
        told = 0
        for row in rows:
            try:
                bus.publish(row[1], [row[2]], deadline_s=max(0.1, deadline - time.monotonic()))
            except QraftError as error:
                self._put_off([row[0]], error.what)
                continue
            self._mark([row], arrived=bus.durable or row[1] != EVENTS)
            told += 1
        return told

    def _due(self) -> list[Any]:
        """Return what is due of one topic: what was never told first."""
        now = self._now()
        rows: Any = self._file.rows(
            "SELECT ident, topic, body, iif(state = 'told', tellings, 0) FROM outgoing"
            " WHERE state IN ('untold', 'told') AND (due <= ? OR due > ?)"
            " ORDER BY state DESC, at, rowid LIMIT ?",
            (now, now + 2 * LONGEST_RETELL_S, BATCH),
        )
        return [row for row in rows if row[1] == rows[0][1]]

    def _mark(self, rows: Sequence[Any], *, arrived: bool) -> None:
        now = self._now()
        idents = [(row[0],) for row in rows]
        with self._file.transaction() as connection:
            if arrived:
                connection.executemany(
                    "UPDATE outgoing SET state = 'seen', body = NULL WHERE ident = ?", idents
                )
                return
            connection.executemany(
                "UPDATE outgoing SET state = 'told', tellings = ?, trouble = '', due = ?"
                " WHERE ident = ? AND state <> 'seen'",
                [
                    (
                        row[3] + 1,
                        now + min(RETELL_S * 2.0 ** min(row[3], 20), LONGEST_RETELL_S),
                        row[0],
                    )
                    for row in rows
                ],
            )
            connection.execute(
                "UPDATE outgoing SET state = 'seen', body = NULL WHERE state = 'told' AND at < ?",
                (now - UNSEEN_S,),
            )

    def _put_off(
        self, idents: Sequence[str], trouble: str, longest_s: float = LONGEST_PAUSE_S
    ) -> None:
        now = self._now()
        with self._file.transaction() as connection:
            connection.executemany(
                # What was told already keeps its count: it says how long to wait for its receipt.
                "UPDATE outgoing SET tellings = tellings + (state = 'untold'), trouble = ?,"
                " due = ? + min(? * (1 << min(tellings, 20)), ?) WHERE ident = ?",
                [(text(trouble)[:1_000], now, FIRST_PAUSE_S, longest_s, ident) for ident in idents],
            )


def receipts(bodies_meta: Iterable[tuple[str, object]], own: str) -> dict[str, list[bytes]]:
    """Return the receipts to send for events that were kept: topic to messages.

    Parameters
    ----------
    bodies_meta
        Ids of events, and what their `meta` names as the address for a receipt.
    own
        The address of the own outbox, which sees the inbox itself.
    """
    named: dict[str, list[str]] = {}
    for event_id, address in bodies_meta:
        if isinstance(address, str) and address != own and _ADDRESS.fullmatch(address):
            named.setdefault(address, []).append(event_id)
    return {
        f"{RECEIPTS}{address}": [
            json.dumps({"ids": ids[start : start + BATCH]}).encode()
            for start in range(0, len(ids), BATCH)
        ]
        for address, ids in named.items()
    }
