"""Files that were dropped: into a bucket, told by the store, or into the workspace's folder."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from configs.errors import BadInput
from storage.events.envelope import LARGEST_BYTES, Event, make_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FileState = tuple[int, int]
"""Time of the last change in nanoseconds, size in bytes."""
LONGEST_ID = 256
SETTLED_ROUNDS = 2
"""A file that did not change for so many looks was written whole."""


def records(body: bytes) -> list[bytes]:
    """Cut a bucket's notification into one for each file that it tells of.

    Examples
    --------
    >>> records(b'{"Records": [{"a": 1}, {"b": 2}]}')
    [b'{"Records": [{"a": 1}]}', b'{"Records": [{"b": 2}]}']
    """
    told = json.loads(body)["Records"]
    if not isinstance(told, list) or not told:
        raise BadInput("not a notification of a bucket: it tells of no file")
    return [json.dumps({"Records": [record]}).encode() for record in told]


def to_event(body: bytes) -> Event:
    """Read a bucket's notification of one file as an event.

    Raises
    ------
    BadInput
        If it is none, or what it says of the file is no fact: a time without a zone, say.
    """
    if len(body) > LARGEST_BYTES:
        raise BadInput(f"a notification of {len(body)} bytes; at most {LARGEST_BYTES}")
    try:
        (record,) = json.loads(body)["Records"]
        stored: dict[str, Any] = record["s3"]["object"]
        key = unquote_plus(stored["key"])
        payload = {
            "bucket": record["s3"]["bucket"]["name"], "key": key,
            "name": key.rpartition("/")[2], "bytes": int(stored.get("size", 0)),
        }  # fmt: skip
        happened = datetime.fromisoformat(record["eventTime"])
        once = f"{payload['bucket']}/{key}#{stored.get('eTag')}#{stored.get('sequencer')}"
        return make_event("file_arrived", "bucket", payload, ts=happened, event_id=_short(once))
    # Whatever is wrong in what a stranger wrote is wrong with it, and with nothing else.
    except Exception as error:
        first = str(error).strip().partition("\n")[0][:200]
        raise BadInput(
            f"not a notification of a bucket: {type(error).__name__}: {first}"
        ) from error


def _short(text: str) -> str:
    """Return an id that is no longer than ids may be, and still no other file's."""
    if len(text) <= LONGEST_ID:
        return text
    return f"{text[-LONGEST_ID + 33 :]}#{hashlib.sha256(text.encode()).hexdigest()[:32]}"


class Folder:
    """A folder that is looked at now and then.

    Parameters
    ----------
    folder
        What is in it at the very first look is not new.
    known
        Its files as they were when they were last told, by an earlier listener: what came or
        changed while none listened is new. None or empty: this is the first look.
    """

    def __init__(self, folder: Path, known: Mapping[str, FileState] | None = None) -> None:
        self._folder = folder
        self._known = dict(known or self._look())
        self._changing: dict[str, tuple[FileState, int]] = {}

    @property
    def known(self) -> dict[str, FileState]:
        """The files as they were when they were last told."""
        return dict(self._known)

    def arrived(self) -> list[tuple[Event, FileState]]:
        """Return an event for each file that is new or changed, and settled; none twice.

        Until :meth:`told`, they are returned again.
        """
        arrived = []
        for name, state in self._look():
            if self._known.get(name) == state:
                self._changing.pop(name, None)
                continue
            before, rounds = self._changing.get(name, (state, 0))
            rounds = rounds + 1 if before == state else 0
            self._changing[name] = state, rounds
            if rounds >= SETTLED_ROUNDS:
                arrived.append((self._event(name, *state), state))
        return arrived

    def told(self, name: str, state: FileState) -> None:
        """Note that a file's event is kept."""
        self._known[name] = state
        self._changing.pop(name, None)

    def _look(self) -> Iterable[tuple[str, FileState]]:
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.iterdir()):
            try:
                # A name that is not UTF-8 cannot stand in an event.
                usable = path.is_file() and not path.name.startswith(".") and path.name.encode()
                status = path.stat() if usable else None
            except (OSError, UnicodeEncodeError):
                continue  # gone meanwhile
            if status:
                yield path.name, (status.st_mtime_ns, status.st_size)

    def _event(self, name: str, changed_ns: int, size: int) -> Event:
        when = datetime.fromtimestamp(changed_ns / 1e9, tz=UTC)
        payload = {"folder": self._folder.name, "name": name, "bytes": size}
        return make_event("file_arrived", "folder", payload, ts=when)
