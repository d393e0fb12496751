"""The hub: reads each channel once for all who listen, and hands on what is new.

A listener has a bounded queue. One that does not take what it is handed is closed, and told why: it
costs the others nothing, and comes back with its cursor.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.http.push.channels import channel, is_snapshot

if TYPE_CHECKING:
    from agent.http.answers import Answers
    from agent.http.push.channels import Item
    from agent.service.service import Service

LOOK_S: Final = 0.05
SNAPSHOT_S: Final = 1.0
"""How often channels are looked at: those of what happens, and those of what is."""
QUEUE: Final = 512


class Sent(NamedTuple):
    """A text for a listener; of something that happened, also its channel and its cursor."""

    text: str
    channel: str = ""
    cursor: str = ""


@dataclass(eq=False, slots=True)
class Listener:
    """Somebody who listens.

    Attributes
    ----------
    queue
        What is to be sent.
    full
        Set once it could not take any more.
    """

    queue: asyncio.Queue[Sent] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    full: asyncio.Event = field(default_factory=asyncio.Event)

    def hand(self, told: Sent) -> None:
        """Queue a message; where there is no room, mark the listener as too slow."""
        try:
            self.queue.put_nowait(told)
        except asyncio.QueueFull:
            self.full.set()


@dataclass(slots=True)
class _Feed:
    """A channel that somebody listens to."""

    read: Any
    every_s: float = LOOK_S
    next_at: float = 0.0
    cursor: str | None = None
    listeners: set[Listener] = field(default_factory=set)


class Hub:
    """Who listens to what.

    Parameters
    ----------
    answers
        In whose threads channels are read.
    service
        What they are read from.
    """

    def __init__(self, answers: Answers, service: Service) -> None:
        self._answers, self._service = answers, service
        self._feeds: dict[str, _Feed] = {}
        self._turn = asyncio.Lock()

    @property
    def listeners(self) -> int:
        """How many listen, counted once for each channel."""
        return sum(len(feed.listeners) for feed in self._feeds.values())

    async def watch(self) -> None:
        """Hand on what is new, until cancelled."""
        while True:
            now = time.monotonic()
            for name, feed in list(self._feeds.items()):
                if not feed.listeners:
                    self._feeds.pop(name, None)
                elif feed.next_at <= now:
                    feed.next_at = now + feed.every_s
                    async with self._turn:
                        await self._look(name, feed)
            await asyncio.sleep(LOOK_S)

    async def history(self, name: str, after: str | None) -> list[Item]:
        """Return what happened on a channel after a cursor.

        Raises
        ------
        BadInput
            If there is no such channel, or the cursor is none.
        """
        read = channel(name)
        found: list[Item] = await self._answers.do(lambda: read(self._service, after))
        return found

    async def listen(self, listener: Listener, name: str, after: str | None) -> str | None:
        """Hand a listener what happened after a cursor, and from then on all that is new.

        Returns
        -------
        str or None
            The cursor up to which everything was handed.

        Raises
        ------
        BadInput
            If there is no such channel, or the cursor is none.
        """
        async with self._turn:
            read = channel(name)
            feed = self._feeds.get(name)
            if feed is None:
                feed = self._feeds[name] = _Feed(read, SNAPSHOT_S if is_snapshot(name) else LOOK_S)
            await self._look(name, feed)
            at = after
            # No further than the feed is: what came since the look is handed on by the next one.
            while at != feed.cursor and (found := await self.history(name, at)):
                for item in found:
                    listener.hand(sent(name, item))
                    at = item.cursor
                    if at == feed.cursor:
                        break
            feed.listeners.add(listener)
            return at

    def leave(self, listener: Listener, name: str | None = None) -> None:
        """Hand a listener no more of a channel, or of any."""
        for each, feed in self._feeds.items():
            if name in {None, each}:
                feed.listeners.discard(listener)

    async def _look(self, name: str, feed: _Feed) -> None:
        try:
            found = await self.history(name, feed.cursor)
        except Exception as error:
            self._answers.trouble(f"channel {name}", error)
            return
        for item in found:
            told = sent(name, item)
            feed.cursor = item.cursor
            for listener in feed.listeners:
                listener.hand(told)


def sent(name: str, item: Item) -> Sent:
    """Return what is sent: the channel, the cursor after it, and what happened."""
    text = json.dumps(
        {"channel": name, "cursor": item.cursor, "data": item.value},
        ensure_ascii=False, separators=(",", ":"), default=str,
    )  # fmt: skip
    return Sent(text, name, item.cursor)
