"""Processes that are stopped, and may die, between any two operations on what they share.

Each is a thread that runs only while it is let to: up to its next operation on the store or on what
its installation keeps outside. So every order of operations of several writers can be played, the
same one twice, and a process can be gone before or after any of them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from configs.errors import Failed, QraftError
from storage.lake.objects import MOST_BYTES, MemoryObjects
from storage.ledger.checkpoint import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from storage.ledger.checkpoint import Known, Pin

_here = threading.local()


class Crash(BaseException):
    """The process is gone."""


class Process:
    """A command that runs step by step."""

    def __init__(self, machine: str, act: Callable[[], Any]) -> None:
        self.machine = machine
        self.done = False
        self.result: Any = None
        self.refusal: QraftError | None = None
        self.doom = ""
        self._bug: BaseException | None = None
        self._turn, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._act = act
        threading.Thread(target=self._run, daemon=True).start()

    def go(self) -> None:
        """Let it run up to its next operation, or to its end."""
        if not self.done:
            self._turn.release()
            self._back.acquire()
        if self._bug is not None:
            raise self._bug

    def finish(self) -> None:
        while not self.done:
            self.go()

    def die(self) -> None:
        self.doom = "before"
        self.finish()

    def stop(self) -> None:
        """Wait for its next turn."""
        self._back.release()
        self._turn.acquire()

    def die_if_doomed(self, moment: str) -> None:
        if self.doom == moment:
            raise Crash

    def _run(self) -> None:
        self._turn.acquire()
        _here.process = self
        try:
            self.die_if_doomed("before")
            self.result = self._act()
        except Crash:
            pass
        except QraftError as refusal:
            self.refusal = refusal
        except BaseException as bug:  # whatever it is, whoever waits must see it
            self._bug = bug
        self.done = True
        self._back.release()


def here() -> Process | None:
    """Return the process whose turn it is; none where the world itself looks."""
    return getattr(_here, "process", None)


def _before(*, others: bool = True) -> None:
    if process := here():
        if others:
            process.stop()
        process.die_if_doomed("before")


def _after() -> None:
    if process := here():
        process.die_if_doomed("after")


class Shared(MemoryObjects):
    """A store that many write to, which knows who really wrote each entry."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.machines: dict[str, str] = {}
        """Path of an entry to the machine that really wrote it."""
        self._content: dict[str, bytes] = {}

    def get(self, path: str, *, most: int = MOST_BYTES) -> bytes:
        _before()
        return super().get(path, most=most)

    def list(self, prefix: str = "", *, after: str = "") -> Any:
        _before()
        return super().list(prefix, after=after)

    def put_new(self, path: str, data: bytes) -> None:
        _before()
        self._refuse_if_full()
        super().put_new(path, data)
        self._content[path] = data
        if process := here():
            self.machines[path] = process.machine
        _after()

    def put(self, path: str, data: Any) -> None:
        _before()
        self._refuse_if_full()
        super().put(path, data)
        self._content[path] = data
        if (process := here()) and path.startswith("ledger/"):
            self.machines[path] = process.machine
        _after()

    def delete(self, path: str) -> None:
        _before()
        super().delete(path)
        self._content.pop(path, None)
        _after()

    def _refuse_if_full(self) -> None:
        if self.full and here():
            raise Failed("the disk is full")

    def copy(self) -> dict[str, bytes]:
        """Everything that is stored."""
        return dict(sorted(self._content.items()))

    def restore(self, content: dict[str, bytes]) -> None:
        """Make it hold exactly this, as from a backup."""
        for path in self._content.keys() - content.keys():
            super().delete(path)
        for path, raw in content.items():
            if self._content.get(path) != raw:
                super().put(path, raw)
        self._content = dict(content)


class Kept(Checkpoint):
    """What an installation keeps outside; a process may die between its parts, not in a lock."""

    def __init__(self, place: str, state: Path | None = None) -> None:
        super().__init__(place, state)

    def pin(self) -> Pin | None:
        _before(others=False)
        return super().pin()

    def keep(self, pin: Pin, known: Sequence[Known]) -> None:
        _before()
        super().keep(pin, known)
        _after()

    def _write(self, known: Sequence[Known], start: Pin | None) -> int:
        _before(others=False)
        end = super()._write(known, start)
        _after()
        return end
