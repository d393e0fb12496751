"""Dead letters: events that could not be handled, whole, until a person replays or drops them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from storage.events.work import SELECT, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.events.sqlite_file import SqliteFile


class DeadLetters:
    """The dead letters of an inbox."""

    def __init__(self, file: SqliteFile, *, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now

    def find(
        self, *, study: str | None = None, topic: str | None = None, kind: str | None = None
    ) -> list[Work]:
        """Return them, the oldest first; of a study, from a topic, of a kind, if that is asked."""
        wanted = {"w.study": study, "e.topic": topic, "w.kind": kind}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = "".join(f" AND {name} = ?" for name in given)
        rows: Any = self._file.rows(
            f"{SELECT} WHERE w.state = 'dead'{where} ORDER BY e.id, w.study", tuple(given.values())
        )
        return [Work(*row) for row in rows]

    def replay(self, letters: Sequence[Work]) -> int:
        """Let their studies run again, as if they had not been tried; return how many letters."""
        now = self._now()
        with self._file.transaction() as connection:
            count = 0
            for work in letters:
                count += connection.execute(
                    "UPDATE work SET state = 'waiting', tries = 0, interrupted = 0, due = ?,"
                    " latest = ?, failing_since = NULL, at = ?"
                    " WHERE event = ? AND study = ? AND state = 'dead'",
                    (now, now, now, work.number, work.study),
                ).rowcount
            connection.executemany(
                "UPDATE study SET failures = 0, not_before = 0 WHERE name = ?",
                [(study,) for study in {work.study for work in letters}],
            )
        return count

    def drop(self, letters: Sequence[Work]) -> int:
        """Forget them but for their ids: told again, they stay forgotten; return how many."""
        now = self._now()
        with self._file.transaction() as connection:
            return sum(
                connection.execute(
                    "UPDATE work SET state = 'done', kind = 'dropped', at = ?"
                    " WHERE event = ? AND study = ? AND state = 'dead'",
                    (now, work.number, work.study),
                ).rowcount
                for work in letters
            )
