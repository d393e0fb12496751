"""Prepared answers: bytes that are made when something changed, not when somebody asks.

To open the embedded warehouse takes a tenth of a second, and it is one process's at a time. So what
was asked once is kept as bytes; when the workspace changes, it is made again beside the requests,
which get what there is meanwhile.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.service.service import Service

HOME: Final = Path(__file__).parents[2]
"""Where Qraft's own files are."""
MOST: Final = 2_000
"""Answers that are kept; the one that was asked for longest ago goes first."""
LOOK_S: Final = 0.5
WORKERS: Final = 4


@dataclass(slots=True)
class Prepared:
    """An answer.

    Attributes
    ----------
    body, packed, etag
        Its bytes, the same by gzip, and a digest of them.
    version
        Of the workspace when it was made.
    """

    body: bytes
    packed: bytes
    etag: str
    version: tuple[int, ...]
    refreshing: bool = False


class Answers:
    """Answers of a service by their question.

    Parameters
    ----------
    service
        What is asked.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: dict[tuple[object, ...], Prepared] = {}
        self._making: dict[tuple[object, ...], asyncio.Task[Prepared]] = {}
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="answers")
        places = (service.workspace.root, HOME, Path.home())
        self._places = [str(place) for place in places if place != place.parent]
        self._said: set[tuple[str, str]] = set()
        self.version: tuple[int, ...] = ()

    async def watch(self) -> None:
        """Look now and then whether the workspace changed, until cancelled."""
        while True:
            self.version = await self.do(lambda: version_of(self._service))
            await asyncio.sleep(LOOK_S)

    async def do(self, deed: Callable[[], Any]) -> Any:
        """Do something of the service's in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, deed)

    async def get(self, key: tuple[object, ...], make: Callable[[], Any]) -> Prepared:
        """Return an answer: the one that is kept, else one that is made now.

        Parameters
        ----------
        key
            Its question.
        make
            Returns a model, a list of models or plain values; called in a thread.
        """
        kept = self._kept.get(key)
        if kept is None:
            return await self._made(key, make)
        if kept.version != self.version and not kept.refreshing:
            kept.refreshing = True
            task = asyncio.ensure_future(self._made(key, make))
            task.add_done_callback(lambda done: _forget(kept, done))
        return kept

    def bytes_of(self, value: Any) -> bytes:
        """Return a value as JSON, without paths of this machine."""
        raw = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")).encode()
        for place in map(str.encode, self._places):
            raw = raw.replace(place + b"/", b"").replace(place, b".")
        return raw

    def hide(self, text: str) -> str:
        """Return a text without paths of this machine."""
        for place in self._places:
            text = text.replace(place + "/", "").replace(place, ".")
        return text

    def trouble(self, about: str, error: Exception) -> None:
        """Say on stderr what could not be done beside the requests; once for each kind."""
        if (about, str(error)) not in self._said and len(self._said) < MOST:
            self._said.add((about, str(error)))
            self._service.say(f"{about}: {self.hide(str(error))}")

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _made(self, key: tuple[object, ...], make: Callable[[], Any]) -> Prepared:
        """Make an answer; who asks meanwhile waits for the same one."""
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.ensure_future(self._make(key, make))
            task.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(task)

    async def _make(self, key: tuple[object, ...], make: Callable[[], Any]) -> Prepared:
        version = self.version
        body = await self.do(lambda: self.bytes_of(make()))
        packed = gzip.compress(body, 5, mtime=0)
        made = Prepared(body, packed, f'"{hashlib.sha256(body).hexdigest()[:32]}"', version)
        self._kept.pop(key, None)
        while len(self._kept) >= MOST:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = made
        return made


def version_of(service: Service) -> tuple[int, ...]:
    """Return numbers that change when what the service answers may have changed."""
    home = service.workspace.home
    places = ("lake/runs", "lake/ledger", "started", "events", "streams")
    stamps = tuple(_stamp(home / place) for place in places)
    if service.settings.lake.startswith("file://"):
        return stamps
    return (*stamps, len(service.lake.store.list("runs")), service.ledger.head().seq)


def _stamp(place: Any) -> int:
    try:
        return int(place.stat().st_mtime_ns)
    except OSError:
        return 0


def _plain(value: Any) -> Any:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _forget(kept: Prepared, done: asyncio.Task[Prepared]) -> None:
    """Let a refreshing that failed be tried again; what there was is told until then."""
    kept.refreshing = False
    if not done.cancelled():
        done.exception()
