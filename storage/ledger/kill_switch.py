"""The brake: a mark beside the ledger that stops everything, whatever the ledger holds.

It is an object of the store, so that all who publish see it, in a folder as in a bucket; and a file
of the installation's own, for where the store cannot be written. It is pulled by anybody. What it
stopped goes on only when a person resumes, which is an entry; taking the mark away by hand releases
nothing that is on the ledger too.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from configs.errors import Failed, QraftError
from configs.remedies import Mend
from storage.lake.objects import FolderObjects, NotFound, TooLong
from storage.ledger.entry import Entry
from storage.ledger.runner import make_private_folder

if TYPE_CHECKING:
    from pathlib import Path

    from storage.lake.objects import ObjectStore

PATH = "halted/all.json"
SPARE = "halted/spare"
"""Room that is set aside while there is some: on a full disk the mark is made by renaming it."""
_MOST_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Mark:
    """Who stopped everything, when, and why."""

    at: str
    actor: str
    reason: str

    def to_entry(self) -> Entry:
        """Return it as the entry that it stands for; its number is 0, for it has none."""
        body = {"strategy": "*", "reason": self.reason}
        return Entry(0, "", "halt", self.at, self.actor, body, "")


class Brake:
    """The mark beside one ledger.

    Parameters
    ----------
    store
        Of the ledger.
    own
        The installation's own copy; none where it keeps none.
    """

    def __init__(self, store: ObjectStore, own: Path | None = None) -> None:
        self._store = store
        self._own = own

    def set_aside(self) -> None:
        """Keep room for the mark, in a folder, while there is some."""
        spare = self._spare()
        if spare is not None and not spare.exists():
            with suppress(OSError):
                spare.parent.mkdir(parents=True, exist_ok=True)
                spare.touch()

    def pull(self, mark: Mark) -> list[str]:
        """Stop everything; return where the mark could not be made, and why.

        Raises
        ------
        Failed
            If it could be made nowhere.
        """
        raw = json.dumps({"at": mark.at, "actor": mark.actor, "reason": mark.reason}).encode()
        ways = (self._into_store, self._from_spare, self._into_own)
        failures = []
        made = False
        for way in ways:
            if way == self._from_spare and made:
                continue
            try:
                made |= way(raw)
            except (QraftError, OSError) as error:
                failures.append(str(error).partition("\n")[0])
        if not made:
            raise Failed(
                "the halt could be written nowhere",
                hint="\n".join(failures),
                remedy=Mend.STOP_PUBLISHERS(),
            )
        return failures

    def pulled(self) -> Mark | None:
        """Return the mark, if there is one; what cannot be read is one too."""
        try:
            return _read(self._store.get(PATH, most=_MOST_BYTES))
        except NotFound:
            pass
        except TooLong:
            return _read(b"")
        if self._own is not None and self._own.exists():
            with self._own.open("rb") as file:
                return _read(file.read(_MOST_BYTES))
        return None

    def release(self, seen: Entry | None) -> None:
        """Take the mark away, where a person resumed; one that was made since stays.

        Parameters
        ----------
        seen
            The mark that the person knew of, as the entry that it stands for; none where there was
            none.
        """
        there = self.pulled()
        if there is not None and there.to_entry() != seen:
            return
        self._store.delete(PATH)
        if self._own is not None:
            self._own.unlink(missing_ok=True)
        self.set_aside()

    def _into_store(self, raw: bytes) -> bool:
        self._store.put(PATH, raw)
        return True

    def _from_spare(self, raw: bytes) -> bool:
        spare = self._spare()
        if spare is None:
            return False
        spare.replace(spare.with_name(PATH.rpartition("/")[2]))
        return True

    def _into_own(self, raw: bytes) -> bool:
        if self._own is None:
            return False
        make_private_folder(self._own.parent)
        self._own.write_bytes(raw)
        return True

    def _spare(self) -> Path | None:
        return self._store.root / SPARE if isinstance(self._store, FolderObjects) else None


def _read(raw: bytes) -> Mark:
    try:
        value: dict[str, Any] = json.loads(raw)
        at, actor, reason = (str(value[name])[:2_000] for name in ("at", "actor", "reason"))
        datetime.fromisoformat(at)
    except (ValueError, TypeError, KeyError, RecursionError):
        return Mark("1970-01-01T00:00:00.000000+00:00", "somebody", "a mark that cannot be read")
    return Mark(at, actor, reason)
