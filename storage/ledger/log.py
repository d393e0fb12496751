"""The log: a chain of entries under numbers, and what this installation saw of it before.

A number is taken by creating its object, which a store lets one writer do. What was read once is
not read again. The log says what is there and whether it is whole; what of it counts is not its
business.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from threading import RLock
from typing import TYPE_CHECKING, Literal, NamedTuple

from configs.errors import Damaged
from configs.remedies import Mend
from storage.lake.objects import NotFound, TooLong
from storage.ledger.entry import (
    FOLDER,
    GENESIS,
    LONGEST_BYTES,
    VOID,
    Entry,
    Head,
    Slot,
    path_of,
    read_slot,
)
from storage.ledger.inspection import inspect_each

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.lake.objects import ObjectStore
    from storage.ledger.checkpoint import Checkpoint, Known, Pin

_NAME = re.compile(rf"{FOLDER}/(\d{{12}})\.json")
ACCEPT = "qraft gate heads accept"
"""The command by which a person takes a ledger as it is."""


class Loss(NamedTuple):
    """What became of entries that this installation had seen.

    Attributes
    ----------
    fault
        ``gone``: nothing is left. ``replaced``: another ledger stands there. ``truncated``: its end
        was cut off. ``forked``: it goes on in another way from some entry on.
    meaning
        The same in a sentence.
    """

    fault: Literal["gone", "replaced", "truncated", "missing", "forked"]
    meaning: str


class Log:
    """The entries below ``ledger/`` of an object store.

    Parameters
    ----------
    store
        Where the objects are.
    checkpoint
        What was seen of them before, if that is kept.
    """

    def __init__(self, store: ObjectStore, checkpoint: Checkpoint | None = None) -> None:
        self._store = store
        self._checkpoint = checkpoint
        self._known: list[Known] = []
        self._lock = RLock()
        self._opened = False
        self._looked = False

    @property
    def known(self) -> Sequence[Known]:
        """What was read so far: each entry, and what is wrong with it by itself."""
        return self._known

    @property
    def id(self) -> str:
        """The ledger's id: the hash of its first entry; empty where there is none."""
        return self._known[0][0].hash if self._known else ""

    @property
    def head(self) -> Head:
        """The newest entry that was read."""
        return self._known[-1][0].head if self._known else Head()

    def catch_up(self) -> None:
        """Read what was added since, after looking whether what was read is still there.

        Raises
        ------
        Damaged
            If an entry was changed, is missing, or does not follow the one before it; if entries
            that were seen before are gone.
        """
        with self._lock:
            if not self._opened:
                self._open()
                return
            before = self._known[-2][0].hash if len(self._known) > 1 else GENESIS
            if self._known and self._hash_at(len(self._known), before) != self.head.hash:
                raise Damaged(f"the ledger's {path_of(self.head.seq)} was changed",
                              remedy=Mend.VERIFY_LEDGER())  # fmt: skip
            self._read_on()

    def loss(self) -> Loss | None:
        """Say what became of what was seen before; None where it is all there."""
        self._looked = False
        pin = self._checkpoint.pin() if self._checkpoint else None
        if self._checkpoint is None or pin is None or not pin.seq:
            return None
        if self._hash_at(pin.seq) == pin.hash:
            self._looked = True
            return None
        return self._loss(pin, self._checkpoint.entries(pin))

    def _loss(self, pin: Pin, kept: Sequence[Known]) -> Loss:
        """Tell apart what may have become of entries that are not there."""
        seen = f"this machine has seen {pin.seq} entries of it"
        first = self._hash_at(1)
        if first is None:
            return Loss("gone", f"the ledger at {pin.place} is gone; {seen}")
        if first != pin.ledger:
            return Loss("replaced", f"another ledger stands at {pin.place}; {seen}")
        last = max(_seq(info.path) for info in self._store.list(FOLDER))
        if last < pin.seq:
            return Loss("truncated", f"the ledger was cut off after entry {last}; {seen}")
        same = bisect_left(
            kept, True, key=lambda known: self._hash_at(known[0].seq) != known[0].hash
        )
        if kept and self._hash_at(same + 1) is None:
            return Loss("missing", f"entry {same + 1} is gone; {seen}")
        where = f"after entry {same}" if kept else f"before entry {pin.seq}"
        return Loss("forked", f"the ledger was changed {where}: it goes on in another way; {seen}")

    def put(self, entry: Entry) -> None:
        """Add the next entry, or raise `storage.lake.objects.AlreadyExists` and change nothing."""
        self._store.put_new(entry.path, entry.to_json())
        with self._lock:
            # Another thread may have read it back already.
            if len(self._known) == entry.seq - 1:
                self._known.append((entry, ""))

    def stored(self) -> tuple[dict[int, bytes], list[str]]:
        """Read everything anew: number and bytes of each entry, and paths of what is none."""
        paths = [info.path for info in self._store.list(FOLDER)]
        listed = {path: _seq(path) for path in paths}
        stored = dict(self._consecutive())
        beyond = {seq: self._raw(seq) for seq in listed.values() if seq and seq not in stored}
        stored |= {seq: raw for seq, raw in beyond.items() if raw is not None}
        return stored, [path for path, seq in listed.items() if not seq]

    def _open(self) -> None:
        if not self._looked and (loss := self.loss()):
            raise Damaged(loss.meaning, hint=HINTS[loss.fault], remedy=Mend.VERIFY_LEDGER())
        pin = self._checkpoint.pin() if self._checkpoint else None
        self._known = self._checkpoint.entries(pin) if self._checkpoint and pin else []
        # Listed first: what another writer adds meanwhile is read, and was not listed.
        listed = self._store.list(FOLDER, after=path_of(len(self._known)))
        self._read_on()
        if any(_seq(info.path) > len(self._known) for info in listed):
            gap = path_of(len(self._known) + 1)
            self._known = []
            raise Damaged(f"the ledger's {gap} is missing", remedy=Mend.VERIFY_LEDGER())
        self._opened = True

    def _read_on(self) -> None:
        try:
            for known in inspect_each(self._following()):
                self._known.append(known)
        except Damaged:
            self._known = self._known if self._opened else []
            raise

    def _following(self) -> Iterator[tuple[Slot, str]]:
        """Read what comes after what is known, each as it follows the one before it."""
        before = self._known[-1][0] if self._known else None
        ledger = self.id
        for seq, raw in self._consecutive(after=len(self._known)):
            slot = read_slot(raw, seq, before.hash if before else GENESIS)
            _refuse_unchained(slot, seq, before)
            yield slot, ledger
            before = slot.entry
            ledger = ledger or before.hash

    def _consecutive(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Read entry after entry until there is none."""
        seq = after + 1
        while (raw := self._raw(seq)) is not None:
            yield seq, raw
            seq += 1

    def _hash_at(self, seq: int, before: str | None = None) -> str | None:
        """Return the hash that names what is there; None where it, or what it rests on, is gone.

        Parameters
        ----------
        before
            The hash of the entry before, where it is known; else it is looked up where it matters.
        """
        planted: list[bytes] = []
        found = GENESIS
        while seq:
            if (raw := self._raw(seq)) is None:
                return None
            slot = read_slot(raw, seq, before or "")
            if slot.intact or before is not None:
                found = slot.entry.hash
                break
            planted.append(raw)
            seq -= 1
        for raw in reversed(planted):
            found = read_slot(raw, 0, found).entry.hash
        return found

    def _raw(self, seq: int) -> bytes | None:
        try:
            return self._store.get(path_of(seq), most=LONGEST_BYTES)
        except NotFound:
            return None
        except TooLong as error:  # it is not read, and stands there as what is told of it
            return str(error).encode()


def _refuse_unchained(slot: Slot, seq: int, before: Entry | None) -> None:
    last = before.hash if before else GENESIS
    # What is no entry names nothing before it; whoever chained on it took it as it is.
    if not slot.intact or (slot.entry.seq, slot.entry.prev) == (seq, last):
        return
    changed = before is not None and before.kind == VOID and not before.prev
    raise Damaged(
        f"the ledger's {path_of(seq - 1)}, or what comes before it, was changed" if changed
        else f"the ledger's {path_of(seq)} does not follow the entry before it",
        remedy=Mend.VERIFY_LEDGER(),
    )  # fmt: skip


HINTS = {
    "gone": f"restore it from a backup; `{ACCEPT}` begins anew, and is said on the new one",
    "replaced": f"restore the old one from a backup; `{ACCEPT}` takes the other one",
    "truncated": "what was cut off may have been a halt; restore it from a backup or a copy",
    "missing": "restore the named entry from a backup or a copy",
    "forked": "one of the two is not what happened; restore the ledger from a backup or a copy",
}


def _seq(path: str) -> int:
    """Return the number in an entry's path; 0 for an object that is no entry."""
    match = _NAME.fullmatch(path)
    return int(match[1]) if match else 0
