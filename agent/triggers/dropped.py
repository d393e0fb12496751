"""Files that were dropped: into a bucket, told by the store, or into the workspace's folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from configs.errors import BadInput
from storage.events.envelope import LARGEST_BYTES, Event, make_event

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SETTLED_ROUNDS = 2
"""A file that did not change for so many looks was written whole."""


def to_event(body: bytes) -> Event:
    """Read a bucket's notification as an event.

    Raises
    ------
    BadInput
        If it is none.
    """
    if len(body) > LARGEST_BYTES:
        raise BadInput(f"a notification of {len(body)} bytes; at most {LARGEST_BYTES}")
    try:
        record: dict[str, Any] = json.loads(body)["Records"][0]
        stored = record["s3"]["object"]
        key = unquote_plus(stored["key"])
        payload = {
            "bucket": record["s3"]["bucket"]["name"], "key": key,
            "name": key.rpartition("/")[2], "bytes": int(stored.get("size", 0)),
        }  # fmt: skip
        happened = datetime.fromisoformat(record["eventTime"])
        once = f"{payload['bucket']}/{key}#{stored.get('eTag')}#{stored.get('sequencer')}"
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise BadInput(f"not a notification of a bucket: {error!r}") from error
    return make_event("file_arrived", "bucket", payload, ts=happened, event_id=once[-256:])


class Folder:
    """A folder that is looked at now and then.

    Parameters
    ----------
    folder
        What is in it at the first look is not new.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = dict(self._look())
        self._changing: dict[str, tuple[tuple[int, int], int]] = {}

    def arrived(self) -> list[Event]:
        """Return an event for each file that is new or changed, and settled."""
        events = []
        for name, state in self._look():
            if self._known.get(name) == state:
                continue
            before, rounds = self._changing.get(name, (state, 0))
            rounds = rounds + 1 if before == state else 0
            self._changing[name] = state, rounds
            if rounds >= SETTLED_ROUNDS:
                del self._changing[name]
                self._known[name] = state
                events.append(self._event(name, *state))
        return events

    def _look(self) -> Iterable[tuple[str, tuple[int, int]]]:
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                status = path.stat()
                yield path.name, (status.st_mtime_ns, status.st_size)

    def _event(self, name: str, changed_ns: int, size: int) -> Event:
        when = datetime.fromtimestamp(changed_ns / 1e9, tz=UTC)
        payload = {"folder": self._folder.name, "name": name, "bytes": size}
        return make_event("file_arrived", "folder", payload, ts=when)
