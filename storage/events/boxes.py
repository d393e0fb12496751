"""The file of a workspace's inbox and outbox: one, so that a step between them is one transaction.

``.qraft/events/boxes.sqlite``. What is kept, and for how long:

* the id of every event that came, 60 days and at least the newest 100,000, so that a repetition, or
  a clock that jumped, makes nothing run twice;
* the bytes of an event for a day, and until all that it wakes has run;
* dead letters, whole, until a person drops or replays them;
* what is to be told, until it was told and seen (see `storage.events.outbox`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Self

from storage.events.dead_letters import DeadLetters
from storage.events.inbox import Inbox
from storage.events.outbox import Outbox
from storage.events.sqlite_file import SqliteFile
from storage.events.work import Worklist

if TYPE_CHECKING:
    from pathlib import Path

    from storage.events.inbox_state import InboxState

FILE = "boxes.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, ident TEXT NOT NULL UNIQUE, topic TEXT NOT NULL,
    type TEXT NOT NULL, source TEXT NOT NULL, body BLOB, bytes INTEGER NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS work (
    event INTEGER NOT NULL, study TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL,
    interrupted INTEGER NOT NULL, due REAL NOT NULL, latest REAL NOT NULL, failing_since REAL,
    owner TEXT, kind TEXT NOT NULL, reason TEXT NOT NULL, run_id TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (event, study)
);
CREATE INDEX IF NOT EXISTS work_state ON work (state, study);
CREATE INDEX IF NOT EXISTS work_run ON work (run_id) WHERE run_id <> '';
CREATE TABLE IF NOT EXISTS study (
    name TEXT PRIMARY KEY, cursor INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0, started REAL NOT NULL DEFAULT 0, succeeded REAL
);
CREATE TABLE IF NOT EXISTS listener (
    owner TEXT PRIMARY KEY, pid INTEGER NOT NULL, at REAL NOT NULL, connected INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS outgoing (
    ident TEXT PRIMARY KEY, topic TEXT NOT NULL, body BLOB, state TEXT NOT NULL,
    tellings INTEGER NOT NULL, due REAL NOT NULL, at REAL NOT NULL, trouble TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS outgoing_due ON outgoing (state, due);
CREATE TABLE IF NOT EXISTS owed (
    run_id TEXT PRIMARY KEY, study TEXT NOT NULL, path TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS told (study TEXT PRIMARY KEY, until TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS promoted (event TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS folder_file (
    folder TEXT NOT NULL, name TEXT NOT NULL, changed_ns INTEGER NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (folder, name)
);
CREATE TABLE IF NOT EXISTS address (id TEXT NOT NULL);
INSERT INTO address SELECT lower(hex(randomblob(8))) WHERE NOT EXISTS (SELECT 1 FROM address);
"""
_FROM_MEMORY = """
INSERT OR IGNORE INTO event (ident, topic, type, source, body, bytes, at)
    SELECT 'id:' || event, 'qraft.events', '', '', NULL, 0, max(at) FROM earlier.handled
    GROUP BY event;
INSERT OR IGNORE INTO work
    SELECT e.id, h.study, 'done', 1, 0, h.at, h.at, NULL, NULL, '', '', '', h.at
    FROM earlier.handled h JOIN event e ON e.ident = 'id:' || h.event;
INSERT OR IGNORE INTO told SELECT study, until FROM earlier.told;
INSERT OR IGNORE INTO promoted SELECT event FROM earlier.promoted;
"""


class Boxes:
    """Inbox and outbox of a workspace; several processes may use them at once.

    Parameters
    ----------
    folder
        ``.qraft/events``, on a local disk.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = SqliteFile(folder / FILE, _SCHEMA, "the inbox")
        _take_over_memory(self._file, folder / "memory.sqlite")
        self.inbox = Inbox(self._file)
        self.work = Worklist(self._file)
        self.dead = DeadLetters(self._file)
        self.outbox = Outbox(self._file)

    def __enter__(self) -> Self:
        """Use them."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def state_in(folder: Path) -> InboxState | None:
    """Return how events stand in a workspace; None where none was ever kept. Makes no file."""
    if not (folder / FILE).exists():
        return None
    with Boxes(folder) as boxes:
        return boxes.inbox.state()


def _take_over_memory(file: SqliteFile, earlier: Path) -> None:
    """Take over what listeners noted before there was an inbox, once."""
    if not earlier.exists():
        return
    with closing(sqlite3.connect(earlier, timeout=30)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if {"handled", "told", "promoted"} <= tables:
        file.rows("SELECT 1 FROM address")  # there it is, with its tables
        with closing(sqlite3.connect(file.path, isolation_level=None, timeout=30)) as connection:
            connection.execute("ATTACH ? AS earlier", (str(earlier),))
            connection.executescript(f"BEGIN IMMEDIATE; {_FROM_MEMORY} COMMIT;")
    for path in (earlier, *(earlier.with_name(earlier.name + end) for end in ("-wal", "-shm"))):
        path.unlink(missing_ok=True)
