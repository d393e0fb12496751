"""Locks between processes: whoever comes second is told, and waits a while."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from configs.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

POLL_S = 0.02


@contextmanager
def hold(
    path: Path,
    *,
    what: str,
    timeout_s: float,
    on_wait: Callable[[str], None] | None = None,
    keep_file: bool = True,
) -> Iterator[None]:
    """Hold the lock file `path`; a process that dies lets go of it.

    Parameters
    ----------
    path
        The file, in a folder that exists.
    what
        What is locked, as ``the warehouse``.
    timeout_s
        Seconds to wait for another process.
    on_wait
        Called once, with a sentence, if there is something to wait for.
    keep_file
        Whether the file stays when the lock is let go of; without it, names may be many.

    Raises
    ------
    Busy
        If the other process does not let go in time.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        if on_wait is not None:
            on_wait(f"another qraft command is using {what}, waiting")
        try:
            lock.acquire(timeout=timeout_s, poll_interval=POLL_S)
        except Timeout as error:
            raise busy(what, timeout_s) from error
    try:
        yield
    finally:
        if not keep_file:
            # Still held: whoever opened the file before meets it unlinked, and opens it anew.
            path.unlink(missing_ok=True)
        lock.release()


def busy(what: str, waited_s: float) -> Busy:
    """Say that something stayed in use for as long as we were willing to wait."""
    return Busy(
        f"{what} is still used by another qraft command after {waited_s:g} s",
        hint="let it finish or stop it, then try again; QRAFT_WAIT_S sets how long to wait",
    )
