"""A WebSocket that is kept open: subscribed, watched, and made anew with patience."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_line
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from storage.connectors.asking import AGENT, retry_after
from storage.connectors.backoff import Backoff
from storage.connectors.messages import fill_all, revealed, subscriptions, write
from storage.connectors.snapshots import take_snapshots
from storage.journal.record import Kind
from taskspecs.sources.urls import host_of, is_here

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from storage.connectors.port import Sink
    from taskspecs.sources.connection import Heartbeat, WebSocketConnection

OPEN_S: Final = 10.0
CLOSE_S: Final = 2.0
PING_S: Final = 20.0
YIELD_EVERY: Final = 128
"""Messages after which other tasks get their turn: a queue that is full never waits by itself."""
SHORT: Final = 1_000
"""A longer message is data, whatever is in it."""
LOOK_S: Final = 0.5


class _Line(open_line):
    """A line that is not led elsewhere: a person agreed to one host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebSocketConnector:
    """Brings the messages of a WebSocket.

    Parameters
    ----------
    spec
        How it is reached.
    symbols
        What is asked for, as the exchange writes them.
    clock
        Seconds that only grow.

    Attributes
    ----------
    connections
        Lines that were opened so far.
    trouble
        Why the last one was lost, or could not be made; empty while one is open.
    """

    def __init__(
        self,
        spec: WebSocketConnection,
        symbols: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spec = spec
        self._symbols = symbols
        self._clock = clock
        self._backoff = Backoff(*spec.backoff_s)
        self._url = fill_all(spec.url, symbols)
        self._not_data = tuple(text.encode() for text in spec.not_data)
        self._last_data = 0.0
        self._reason = ""
        self.connections = 0
        self.trouble = ""

    async def run(self, sink: Sink) -> None:
        """Bring messages until cancelled; see `Connector`."""
        while True:
            began, asked_s = self._clock(), 0.0
            opened = self.connections
            try:
                await self._one_line(sink)
            except InvalidStatus as error:
                asked_s = retry_after(error.response.headers.get("Retry-After", ""))
                self._reason = f"refused with {error.response.status_code}"
            except (OSError, WebSocketException, EOFError) as error:
                self._reason = self._reason or _said(error)
            lived = self.connections > opened and self._clock() - began >= self._spec.min_uptime_s
            self.trouble = self._reason
            if self.connections > opened:
                await sink.put(Kind.CLOSED, json.dumps({"reason": self._reason}).encode())
            await asyncio.sleep(self._backoff.wait_s(lived=lived, asked_s=asked_s))

    async def _one_line(self, sink: Sink) -> None:
        self._reason = ""
        async with _Line(
            self._url, additional_headers=revealed(self._spec.headers), user_agent_header=AGENT,
            compression=None, open_timeout=OPEN_S, close_timeout=CLOSE_S, ping_interval=PING_S,
            ping_timeout=PING_S, max_size=self._spec.max_message_bytes,
            proxy=None if is_here(self._url) else True,
        ) as line:  # fmt: skip
            self.connections += 1
            self.trouble = ""
            self._last_data = self._clock()
            place = {"connection": self.connections, "place": host_of(self._url)}
            await sink.put(Kind.OPENED, json.dumps(place).encode())
            beside = [asyncio.create_task(work) for work in self._beside(line, sink)]
            try:
                await self._listen(line, sink)
            finally:
                await _end(beside)

    async def _listen(self, line: ClientConnection, sink: Sink) -> None:
        """Take messages until the line is lost."""
        count = 0
        try:
            while True:
                body = await line.recv(decode=False)
                await sink.put(Kind.RAW, body)
                if not self._is_of_the_line(body):
                    self._last_data = self._clock()
                count += 1
                if count % YIELD_EVERY == 0:
                    await asyncio.sleep(0)
        except ConnectionClosed as error:
            self._reason = self._reason or _said(error)

    def _is_of_the_line(self, body: bytes) -> bool:
        return len(body) <= SHORT and any(text in body for text in self._not_data)

    def _beside(self, line: ClientConnection, sink: Sink) -> list[Coroutine[Any, Any, None]]:
        """Return what runs beside listening, for as long as the line lives."""
        spec = self._spec
        work = [self._subscribe(line), self._watch(line)]
        if spec.heartbeat is not None:
            work.append(_beat(line, spec.heartbeat))
        if spec.snapshot is not None:
            backoff = Backoff(*spec.backoff_s)
            work.append(take_snapshots(spec.snapshot, self._symbols, sink, backoff, self._note))
        if spec.lifetime_s is not None:
            work.append(self._renew(line, spec.lifetime_s))
        return work

    async def _subscribe(self, line: ClientConnection) -> None:
        wanted = subscriptions(self._spec.subscribe, self._symbols, self._spec.symbols_per_message)
        with suppress(ConnectionClosed):
            for message in wanted:
                await line.send(message)
                await asyncio.sleep(self._spec.message_pause_s)

    async def _watch(self, line: ClientConnection) -> None:
        """Give the line up when no data come: half open, it may answer pings all the same."""
        look_s = min(LOOK_S, self._spec.silent_s / 4)
        while self._clock() - self._last_data < self._spec.silent_s:
            await asyncio.sleep(look_s)
        self._reason = f"silent for {self._spec.silent_s:g} s"
        line.transport.abort()

    async def _renew(self, line: ClientConnection, lifetime_s: float) -> None:
        await asyncio.sleep(lifetime_s)
        self._reason = "renewed"
        await line.close()

    def _note(self, trouble: str) -> None:
        self.trouble = trouble


async def _beat(line: ClientConnection, heartbeat: Heartbeat) -> None:
    with suppress(ConnectionClosed):
        while True:
            await asyncio.sleep(heartbeat.every_s)
            await line.send(write(heartbeat.message))


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """End what ran beside; what failed there is raised, and to be cancelled oneself is heeded."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def _said(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]
