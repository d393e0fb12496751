"""A folder of objects that counts what is read of it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from storage.lake.objects import MOST_BYTES, FolderObjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")
ENTRY = re.compile(r"ledger/\d+\.json")


class CountingObjects(FolderObjects):
    """Objects of a folder, each read counted by its path; a path handed out counts as a read.

    Parameters
    ----------
    root
        The folder.
    """

    _busy = False
    reads: ClassVar[Counter[str]] = Counter()
    """Of all folders of the process, so that whoever opens another counts on."""

    def get(self, path: str, *, most: int = MOST_BYTES) -> bytes:
        raw = self._unseen(lambda: FolderObjects.get(self, path, most=most))
        self.reads[path] += 1
        return raw

    def put_new(self, path: str, data: bytes) -> None:
        self._unseen(lambda: FolderObjects.put_new(self, path, data))

    def _checked(self, path: str) -> str:
        return self._unseen(lambda: FolderObjects._checked(self, path))

    def local_path(self, path: str) -> Path:
        if not self._busy:
            self.reads[path] += 1
        return super().local_path(path)

    def _unseen(self, act: Callable[[], Any]) -> Any:
        before, self._busy = self._busy, True
        try:
            return act()
        finally:
            self._busy = before


class Reads(Counter[str]):
    """How often which object was read."""

    def of(self, ending: str, *, under: str = "") -> list[int]:
        """How often each object was read whose path ends so, and begins so."""
        return [n for path, n in self.items() if path.endswith(ending) and path.startswith(under)]

    def of_ledger(self) -> int:
        """How often an entry was read that is there."""
        return sum(n for path, n in self.items() if ENTRY.fullmatch(path))


def count_reads(act: Callable[[], T]) -> tuple[T, Reads]:
    """Do something, and count what it reads."""
    CountingObjects.reads.clear()
    done = act()
    return done, Reads(CountingObjects.reads)
