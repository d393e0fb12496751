"""Who holds work: a name and a lock that the operating system opens when the process is gone."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Self

from configs.errors import Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import BaseFileLock


class Owner:
    """The present process, as long as it lives; use it as a context.

    Parameters
    ----------
    folder
        Where the locks of all owners are, on a local disk.
    """

    def __init__(self, folder: Path) -> None:
        self.name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._folder = folder
        self._lock = self._lock_of(self.name)

    def __enter__(self) -> Self:
        """Take the lock; from here on the name may stand at work."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
        except OSError as error:
            raise Unreachable(f"{self._folder} cannot be used: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        self._lock.release()
        self._path(self.name).unlink(missing_ok=True)

    def is_gone(self, owner: str) -> bool:
        """Whether the process of another owner has ended, however it did."""
        from filelock import Timeout

        if owner == self.name:
            return False
        lock = self._lock_of(owner)
        try:
            lock.acquire(blocking=False)
        except (Timeout, OSError):
            return False
        lock.release()
        self._path(owner).unlink(missing_ok=True)
        return True

    def _path(self, owner: str) -> Path:
        return self._folder / f"{owner}.lock"

    def _lock_of(self, owner: str) -> BaseFileLock:
        from filelock import FileLock

        return FileLock(self._path(owner), thread_local=False)
