"""An address that is asked again and again, with patience where it asks for that."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, Final, NamedTuple

from configs.errors import QraftError
from storage.connectors.asking import client_for, enveloped, get, refusal
from storage.connectors.backoff import Backoff
from storage.connectors.messages import fill, fill_all, revealed
from storage.journal.record import Kind
from taskspecs.sources.urls import asks_each_alone, host_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from storage.connectors.port import Sink
    from taskspecs.sources.connection import PollConnection

TRIES: Final = 5
"""So often a symbol is asked for in one round, before the others get their turn."""


class _Seen(NamedTuple):
    """The last answer of an address: what the server calls it, and its digest."""

    tag: str = ""
    digest: bytes = b""


class PollConnector:
    """Brings the answers of an address; one that is as it was before is not brought again.

    Parameters
    ----------
    spec
        How it is asked.
    symbols
        What is asked for, as the source writes them.
    """

    def __init__(self, spec: PollConnection, symbols: Sequence[str]) -> None:
        self._spec = spec
        self._each_alone = asks_each_alone(spec.url)
        self._asked = symbols if self._each_alone else ("",)
        self._symbols = symbols
        self._seen: dict[str, _Seen] = {}
        self._open = False
        self.connections = 0
        self.trouble = ""

    async def run(self, sink: Sink) -> None:
        """Ask until cancelled; see `Connector`."""
        headers, params = revealed(self._spec.headers), revealed(self._spec.params)
        backoff = Backoff(*self._spec.backoff_s)
        async with client_for(self._spec.url, timeout_s=self._spec.timeout_s) as client:
            while True:
                for symbol in self._asked:
                    for _ in range(TRIES):
                        wait = await self._ask(client, symbol, sink, (headers, params))
                        if wait < 0:
                            backoff.succeeded()
                            break
                        await asyncio.sleep(backoff.wait_s(asked_s=wait))
                    await asyncio.sleep(self._spec.pause_s if self._each_alone else 0)
                await asyncio.sleep(self._spec.every_s)

    async def _ask(
        self,
        client: httpx.AsyncClient,
        symbol: str,
        sink: Sink,
        said: tuple[dict[str, str], dict[str, str]],
    ) -> float:
        """Ask once; return -1 if that went well, else the seconds that the server asks for."""
        url = fill(self._spec.url, symbol) if symbol else fill_all(self._spec.url, self._symbols)
        headers, params = said
        seen = self._seen.get(symbol, _Seen())
        if seen.tag:
            headers = headers | {"If-None-Match": seen.tag}
        try:
            answer = await get(
                client, url, at_most=self._spec.max_message_bytes, params=params, headers=headers
            )
        except QraftError as error:
            return await self._failed(sink, str(error), 0.0)
        if answer.status == 304:
            return await self._went_well(sink)
        if answer.status != 200:
            return await self._failed(sink, str(refusal(url, answer.status)), answer.retry_s)
        await self._went_well(sink)
        digest = hashlib.sha256(answer.body).digest()
        if digest != seen.digest:
            body = enveloped(symbol, answer.body) if symbol else answer.body
            await sink.put(Kind.RAW, body)
        self._seen[symbol] = _Seen(answer.tag, digest)
        return -1.0

    async def _went_well(self, sink: Sink) -> float:
        self.trouble = ""
        if not self._open:
            self._open = True
            self.connections += 1
            place = {"connection": self.connections, "place": host_of(self._spec.url)}
            await sink.put(Kind.OPENED, json.dumps(place).encode())
        return -1.0

    async def _failed(self, sink: Sink, said: str, asked_s: float) -> float:
        self.trouble = said
        if self._open:
            self._open = False
            await sink.put(Kind.CLOSED, json.dumps({"reason": said[:200]}).encode())
        return asked_s
