"""The spool's file: SQLite, a connection for each thread, everything in a transaction."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from configs.errors import Failed, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS channel (topic TEXT, name TEXT, PRIMARY KEY (topic, name));
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, channel TEXT NOT NULL,
    body BLOB NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS due ON message (topic, channel, due, id);
"""


class SpoolFile:
    """A file that several threads and processes use at once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Close it in every thread that used it."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._own = threading.local()

    @contextmanager
    def transaction(self, wait_s: float) -> Iterator[sqlite3.Connection]:
        """Do something whole or not at all; wait for another writer.

        Raises
        ------
        Unreachable
            If the file cannot be used, or another writer does not end in time.
        Failed
            If it cannot be written, as on a full disk; nothing was.
        """
        try:
            connection = self._connection()
            connection.execute(f"PRAGMA busy_timeout = {max(1, int(wait_s * 1000))}")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise Unreachable(f"the spool {self._file} cannot be used: {error}") from error
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        try:
            connection.commit()
        except sqlite3.Error as error:
            connection.rollback()
            raise Failed(f"the spool {self._file} could not be written: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            found = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
            found.execute("PRAGMA journal_mode = WAL")
            found.execute("PRAGMA synchronous = FULL")
            found.executescript(_SCHEMA)
            self._own.connection = found
            self._opened.append(found)
        return found
