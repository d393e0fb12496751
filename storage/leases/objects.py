"""Leases in an object store, for machines that share nothing but it.

A lease is a row of generations, ``leases/<name>/00000001.json`` and so on: whoever creates the
next one holds it, and the store lets only one create it. The holder writes a beat beside it every
`BEAT_S`. Whoever waits watches that beat by his own monotonic clock, so clocks of machines may
differ by any amount: a beat that stood still for `LEASE_S` while the store answered is a holder
that died. A holder on the same machine is looked up among its processes instead, at once.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import QraftError
from storage.lake.objects import AlreadyExists, NotFound
from storage.leases.holder import Holder, read_holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.lake.objects import ObjectStore

FOLDER = "leases"
BEAT_S = 2.0
LEASE_S = 10.0
"""Seconds of a beat that stands still after which its holder counts as dead."""
LOOK_S = 0.5
LONGEST_LOOK_S = 2.0
"""The most that one look counts: a pause of the one who looks, or of the store, is no evidence."""
HOLDER, BEAT = ".json", ".beat"


class ObjectLeases:
    """Leases as objects of a store.

    Parameters
    ----------
    store
        The lake's.
    now
        A monotonic clock, in seconds.
    sleep
        Waits for so many seconds.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._now = now
        self._sleep = sleep

    @contextmanager
    def hold(
        self, name: str, *, what: str, on_wait: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Hold a lease; see :class:`~storage.leases.port.Leases`."""
        generation = self._take(name, what, on_wait or _say_nothing)
        try:
            with _beating(self._store, _path(name, generation, BEAT)):
                yield
        finally:
            # A lease that cannot be given back lapses by itself.
            with suppress(QraftError):
                self._clear(name, generation)

    def _take(self, name: str, what: str, on_wait: Callable[[str], None]) -> int:
        """Create the next generation as soon as nobody alive holds the last one."""
        me = Holder.here().to_json()
        watch = _Watch()
        while True:
            last = self._last(name)
            if last:
                over, who = self._look(name, last, watch)
                if over:
                    on_wait(f"{who} stopped while it computed {what}; taking over")
                elif watch.is_new:
                    on_wait(f"{who} computes {what}, waiting")
                if not over:
                    self._sleep(LOOK_S)
                    continue
            try:
                self._store.put_new(_path(name, last + 1, HOLDER), me)
            except AlreadyExists:
                continue
            if self._last(name) == last + 1:
                return last + 1

    def _last(self, name: str) -> int:
        """Return the newest generation; 0 if nobody holds the lease."""
        names = (info.path.rpartition("/")[2] for info in self._store.list(f"{FOLDER}/{name}"))
        return max((int(n.removesuffix(HOLDER)) for n in names if n.endswith(HOLDER)), default=0)

    def _look(self, name: str, generation: int, watch: _Watch) -> tuple[bool, str]:
        """Return whether a generation's holder has died, and who that is."""
        holder, beat = (self._read(_path(name, generation, kind)) for kind in (HOLDER, BEAT))
        who = read_holder(holder)
        still_s = watch.see(generation, beat, self._now())
        over = bool(who and who.is_dead) or still_s >= LEASE_S
        return over, str(who or "another process")

    def _read(self, path: str) -> bytes:
        try:
            return self._store.get(path)
        except NotFound:
            return b""

    def _clear(self, name: str, generation: int) -> None:
        """Remove what this holder and those before it wrote, the own generation last."""
        for info in self._store.list(f"{FOLDER}/{name}"):
            if int(info.path.rpartition("/")[2].partition(".")[0]) <= generation:
                self._store.delete(info.path)


@dataclass
class _Watch:
    """How long a beat has stood still, by the watcher's own clock."""

    seen: tuple[int, bytes] | None = None
    looked_at: float = 0.0
    still_s: float = 0.0
    generation: int = 0
    is_new: bool = False
    """Whether the last look was the first at its generation."""

    def see(self, generation: int, beat: bytes, now: float) -> float:
        """Note a beat; return for how many seconds it was seen to stand still."""
        passed = min(now - self.looked_at, LONGEST_LOOK_S)
        self.still_s = self.still_s + passed if self.seen == (generation, beat) else 0.0
        self.is_new = generation != self.generation
        self.seen, self.looked_at, self.generation = (generation, beat), now, generation
        return self.still_s


@contextmanager
def _beating(store: ObjectStore, path: str) -> Iterator[None]:
    """Write a beat now and then, in a thread, as long as the block lasts."""
    stop = threading.Event()

    def beat() -> None:
        count = 0
        while not stop.wait(BEAT_S):
            count += 1
            # A beat that cannot be written is followed by the next one.
            with suppress(QraftError):
                store.put(path, str(count).encode())

    thread = threading.Thread(target=beat, name=f"beat of {path}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _path(name: str, generation: int, kind: str) -> str:
    return f"{FOLDER}/{name}/{generation:08d}{kind}"


def _say_nothing(_sentence: str) -> None:
    pass
