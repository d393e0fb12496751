"""The log itself: entries appended one after another by any number of writers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput, Damaged, did_you_mean
from storage.ledger.entry import FOLDER, KINDS, VERIFY, Entry, Head, follow, path_of, read_entry
from storage.ledger.verification import Verdict, verify
from storage.objects import AlreadyExists, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from storage.objects import ObjectStore

_NAME = re.compile(rf"{FOLDER}/(\d{{12}})\.json")


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """The entries below ``ledger/`` of an object store.

    A sequence number is taken by creating its object, which a store lets one writer do. What was
    read once is not read again; :meth:`verify` alone reads everything anew.

    Parameters
    ----------
    store
        Where the objects are.
    clock
        Tells the time, UTC.

    Examples
    --------
    >>> from storage.objects import MemoryObjects
    >>> ledger = Ledger(MemoryObjects())
    >>> ledger.append("trial", {"run_id": "4f0c"}, actor="command").seq
    1
    >>> ledger.verify().ok
    True
    """

    def __init__(self, store: ObjectStore, *, clock: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._clock = clock
        self._known: list[Entry] = []
        self._lock = Lock()

    def append(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        actor: str,
        unless: Callable[[Sequence[Entry]], bool] | None = None,
    ) -> Entry | None:
        """Add an entry, unless the entries before it forbid it.

        The check and the addition are one step: whatever another writer adds in between is seen by
        `unless` before the entry is added.

        Parameters
        ----------
        kind
            One of `storage.ledger.entry.KINDS`.
        body
            JSON values.
        actor
            Who says so.
        unless
            Looks at all entries so far; if it returns true, nothing is added.

        Returns
        -------
        Entry or None
            The new entry, or None where `unless` held.

        Raises
        ------
        BadInput
            If the kind is unknown or the body cannot be written as JSON.
        Damaged
            If the ledger is not whole; nothing is added to such a ledger.
        """
        if kind not in KINDS:
            raise BadInput(f"the ledger knows no kind `{kind}`", hint=did_you_mean(kind, KINDS))
        while True:
            known = self.entries()
            if unless is not None and unless(known):
                return None
            entry = self._next(known, kind, body, actor)
            try:
                self._store.put_new(entry.path, entry.to_json())
            except AlreadyExists:
                continue
            self._remember(entry)
            return entry

    def entries(self, kind: str | None = None) -> list[Entry]:
        """Return all entries, or those of one kind, the oldest first.

        Raises
        ------
        Damaged
            If an entry was changed, is missing, or does not follow the one before it.
        """
        with self._lock:
            self._catch_up()
            return [entry for entry in self._known if kind in {None, entry.kind}]

    def head(self) -> Head:
        """Return the newest entry's number and hash; number 0 for a ledger without entries."""
        known = self.entries()
        return known[-1].head if known else Head()

    def verify(self, head: Head | None = None) -> Verdict:
        """Read everything anew and name whatever is changed, missing, replaced or reordered.

        Parameters
        ----------
        head
            A head exported earlier; with it, entries cut off at the end are missed too.
        """
        paths = [info.path for info in self._store.list(FOLDER)]
        listed = {path: _seq(path) for path in paths}
        stored = dict(self._consecutive())
        beyond = {seq: self._raw(seq) for seq in listed.values() if seq and seq not in stored}
        stored |= {seq: raw for seq, raw in beyond.items() if raw is not None}
        foreign = [path for path, seq in listed.items() if not seq]
        return verify(stored, foreign, head=head)

    def _next(
        self, known: Sequence[Entry], kind: str, body: Mapping[str, Any], actor: str
    ) -> Entry:
        at = self._clock().astimezone(UTC).isoformat(timespec="microseconds")
        head = known[-1].head if known else Head()
        try:
            return follow(head, kind=kind, at=at, actor=actor, body=body)
        except (TypeError, ValueError) as error:
            raise BadInput(f"the body of this {kind} is not JSON", hint=str(error)) from error

    def _remember(self, entry: Entry) -> None:
        with self._lock:
            # Another thread may have read it back already.
            if len(self._known) == entry.seq - 1:
                self._known.append(entry)

    def _catch_up(self) -> None:
        """Read what was added since, after looking whether what was read is still there."""
        # Only a listing tells an entry missing in the middle from the end.
        listed = () if self._known else self._store.list(FOLDER)
        if self._known and self._raw(len(self._known)) != self._known[-1].to_json():
            raise Damaged(f"the ledger's {self._known[-1].path} was changed", next_command=VERIFY)
        for seq, raw in self._consecutive(after=len(self._known)):
            self._accept(seq, raw)
        if any(_seq(info.path) > len(self._known) for info in listed):
            gap = path_of(len(self._known) + 1)
            self._known.clear()
            raise Damaged(f"the ledger's {gap} is missing", next_command=VERIFY)

    def _accept(self, seq: int, raw: bytes) -> None:
        head = self._known[-1].head if self._known else Head()
        entry = read_entry(raw, path_of(seq))
        if (entry.seq, entry.prev) != (head.seq + 1, head.hash):
            raise Damaged(
                f"the ledger's {path_of(seq)} does not follow the entry before it",
                next_command=VERIFY,
            )
        self._known.append(entry)

    def _consecutive(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Read entry after entry until there is none."""
        seq = after + 1
        while (raw := self._raw(seq)) is not None:
            yield seq, raw
            seq += 1

    def _raw(self, seq: int) -> bytes | None:
        try:
            return self._store.get(path_of(seq))
        except NotFound:
            return None


def _seq(path: str) -> int:
    """Return the number in an entry's path; 0 for an object that is no entry."""
    match = _NAME.fullmatch(path)
    return int(match[1]) if match else 0
