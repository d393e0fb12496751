"""What a listener must not forget when it is killed: what was handled, and what was told."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from configs.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KEPT_S = 60 * 86_400.0
"""Longer than a broker keeps a message that nobody takes."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS handled (event TEXT, study TEXT, at REAL, PRIMARY KEY (event, study));
CREATE TABLE IF NOT EXISTS told (study TEXT PRIMARY KEY, until TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS promoted (event TEXT PRIMARY KEY);
"""


class Memory:
    """A file beside the events; several processes may use it.

    Parameters
    ----------
    folder
        ``.qraft/events``.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "memory.sqlite"
        try:
            self._file = sqlite3.connect(path, isolation_level=None, timeout=30)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise Unreachable(f"{path} cannot be used: {error}") from error
        self._file.execute("DELETE FROM handled WHERE at < ?", (time.time() - KEPT_S,))

    def was_handled(self, event_id: str, study: str) -> bool:
        """Whether a study was run for an event."""
        found = self._file.execute(
            "SELECT 1 FROM handled WHERE event = ? AND study = ?", (event_id, study)
        )
        return found.fetchone() is not None

    def handled(self, event_ids: list[str], study: str) -> None:
        """Note that a study was run for some events."""
        with closing(self._file.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(
                "INSERT OR IGNORE INTO handled VALUES (?, ?, ?)",
                [(event_id, study, time.time()) for event_id in event_ids],
            )
            cursor.execute("COMMIT")

    def told_until(self, study: str) -> datetime | None:
        """Return up to which bar a study's patterns were told."""
        found = self._file.execute("SELECT until FROM told WHERE study = ?", (study,)).fetchone()
        return datetime.fromisoformat(found[0]) if found else None

    def told(self, study: str, until: datetime) -> None:
        """Note up to which bar a study's patterns were told."""
        self._file.execute(
            "INSERT INTO told VALUES (?, ?)"
            " ON CONFLICT (study) DO UPDATE SET until = max(until, excluded.until)",
            (study, until.isoformat()),
        )

    def promotions_told(self) -> set[str]:
        """Return the ids of the promotions that were told."""
        return {event_id for (event_id,) in self._file.execute("SELECT event FROM promoted")}

    def tell_promotions(self, event_ids: Iterable[str]) -> None:
        """Note that promotions were told; it is kept as long as the file."""
        rows = [(event_id,) for event_id in event_ids]
        try:
            self._file.executemany("INSERT OR IGNORE INTO promoted VALUES (?)", rows)
        except sqlite3.Error as error:
            raise Unreachable(f"what was told could not be noted: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()
