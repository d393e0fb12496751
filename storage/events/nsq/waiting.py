"""Waiting until one of several connections can be read or written."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection


class Open(Protocol):
    """Whatever has a file's number."""

    def fileno(self) -> int:
        """The number."""
        ...


F = TypeVar("F", bound=Open)


def wait_for(files: Collection[F], pending: Collection[F], wait_s: float) -> tuple[set[F], set[F]]:
    """Wait until some of the files can be read, or those with something pending written.

    By `poll`: `select` knows no file number above 1,023, and a process that has opened chDB
    some hundred times is past it.

    Parameters
    ----------
    files
        Are waited for until they can be read. One that broke counts as readable, so that
        reading it says how.
    pending
        Those of them that are waited for until they can be written, too.
    wait_s
        At most so many seconds.
    """
    waiting = select.poll()
    for file in files:
        waiting.register(file, select.POLLIN | (select.POLLOUT if file in pending else 0))
    happened = dict(waiting.poll(max(0.0, wait_s) * 1000))
    events = {file: happened.get(file.fileno(), 0) for file in files}
    readable = {file for file, seen in events.items() if seen & ~select.POLLOUT}
    writable = {file for file, seen in events.items() if seen & select.POLLOUT}
    return readable, writable
