"""A SQLite file that threads and processes share: each change is whole, and synced when it returns.

Write-ahead log with ``synchronous=FULL``: what was committed outlives a killed process and a power
failure. SQLite's locks need a local disk; the file is in the workspace, never in a bucket.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from configs.errors import Damaged, Failed, Unreachable
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

WAIT_S = 30.0
"""How long another writer is waited for; each holds the file for milliseconds."""
_LOCKED = ("locked", "busy", "unable to open")


class SqliteFile:
    """A file that several threads and processes use at once, a connection for each thread.

    Parameters
    ----------
    path
        Is made with the first use, and its folder too.
    schema
        Statements that may be repeated.
    what
        What it is, for errors: as ``the spool``.
    """

    def __init__(self, path: Path, schema: str, what: str) -> None:
        self.path = path
        self._schema = schema
        self._what = what
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Close it in every thread that used it."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._own = threading.local()

    @contextmanager
    def transaction(self, wait_s: float = WAIT_S) -> Iterator[sqlite3.Connection]:
        """Do something whole or not at all; wait for another writer.

        Raises
        ------
        Unreachable
            If the file cannot be used, or another writer does not end in time.
        Failed
            If it cannot be written, as on a full disk; nothing was.
        Damaged
            If it is no longer a database.
        """
        try:
            connection = self._connection()
            connection.execute(f"PRAGMA busy_timeout = {max(1, int(wait_s * 1000))}")
            connection.execute("BEGIN IMMEDIATE")
        except (sqlite3.Error, OSError) as error:
            raise self._wrapped(error) from error
        try:
            yield connection
            connection.commit()
        except sqlite3.Error as error:
            self._roll_back(connection)
            raise self._wrapped(error, writing=True) from error
        except BaseException:
            self._roll_back(connection)
            raise

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Read, beside whoever writes.

        Raises
        ------
        Unreachable
            If the file cannot be used.
        Damaged
            If it is no longer a database.
        """
        try:
            return self._connection().execute(statement, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise self._wrapped(error) from error

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            found = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=WAIT_S
            )
            found.execute("PRAGMA auto_vacuum = INCREMENTAL")
            found.execute("PRAGMA journal_mode = WAL")
            found.execute("PRAGMA synchronous = FULL")
            found.executescript(self._schema)
            self._own.connection = found
            self._opened.append(found)
        return found

    @staticmethod
    def _roll_back(connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.rollback()

    def _wrapped(
        self, error: Exception, *, writing: bool = False
    ) -> Failed | Unreachable | Damaged:
        text = str(error)
        if isinstance(error, sqlite3.OperationalError | OSError):
            if writing and not any(word in text for word in _LOCKED):
                return Failed(f"{self._what} {self.path} could not be written: {text}")
            return Unreachable(f"{self._what} {self.path} cannot be used: {text}")
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.IntegrityError | sqlite3.ProgrammingError
        ):
            return Damaged(
                f"{self._what} {self.path} is damaged: {text}",
                hint="stop what uses it and move the file away; a new one is made",
                remedy=Mend.CHECK_UP(),
            )
        return Failed(f"{self._what} {self.path} could not be used: {text}")
