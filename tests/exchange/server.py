"""The exchange: one place for WebSocket and HTTP, with a script for each line and each request."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Script = Callable[[ServerConnection, int], Awaitable[None]]
    Answering = Callable[[str, dict[str, str]], tuple[int, dict[str, str], str]]

NOTICED_IN_S = 0.5
"""Within so long a script notices that its line is closed, or is ended."""


async def quiet(line: ServerConnection, number: int) -> None:
    await line.wait_closed()


def nothing(path: str, params: dict[str, str]) -> tuple[int, dict[str, str], str]:
    return 404, {}, ""


class Exchange:
    """Serves while the context lasts.

    Parameters
    ----------
    script
        Called with each line and its number, from 1; the line is closed when it returns.
    rest
        Called with path and parameters of each request; returns status, headers and body.
    refuse
        Called with a handshake's number, from 1; a status refuses it.
    hears
        Whether what clients say is kept; else the script reads it.
    """

    def __init__(
        self,
        script: Script = quiet,
        rest: Answering = nothing,
        refuse: Callable[[int], tuple[int, dict[str, str]] | None] = lambda number: None,
        *,
        hears: bool = True,
        **options: Any,
    ) -> None:
        self.hears = hears
        self.script, self.rest, self.refuse = script, rest, refuse
        self.handshakes: list[float] = []
        self.headers: list[dict[str, str]] = []
        self.heard: list[str] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.asked_with: list[dict[str, str]] = []
        self.asked_at: list[float] = []
        self._options = {"ping_interval": None, "close_timeout": 0.2, "compression": None} | options

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve, "127.0.0.1", 0, process_request=self._answer, **self._options
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _answer(self, line: ServerConnection, request: Any) -> Any:
        parts = urlsplit(request.path)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            self.handshakes.append(time.monotonic())
            self.headers.append(dict(request.headers.raw_items()))
            refused = self.refuse(len(self.handshakes))
            return None if refused is None else _response(line, *refused, "")
        params = dict(parse_qsl(parts.query))
        self.asked.append((parts.path, params))
        self.asked_with.append(dict(request.headers.raw_items()))
        self.asked_at.append(time.monotonic())
        return _response(line, *self.rest(parts.path, params))

    async def _serve(self, line: ServerConnection) -> None:
        number = len(self.handshakes)
        hearing = asyncio.create_task(self._hear(line) if self.hears else line.wait_closed())
        playing = asyncio.create_task(self.script(line, number))
        await asyncio.wait({hearing, playing}, return_when=asyncio.FIRST_COMPLETED)
        # What a script sends on a line that was reset within may never return.
        await asyncio.wait({playing}, timeout=NOTICED_IN_S)
        for task in (hearing, playing):
            task.cancel()
        _, outcome = await asyncio.gather(hearing, playing, return_exceptions=True)
        if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionClosed):
            raise outcome

    async def _hear(self, line: ServerConnection) -> None:
        async for message in line:
            self.heard.append(str(message))


def _response(line: ServerConnection, status: int, headers: dict[str, str], body: str) -> Any:
    response = line.respond(status, body)
    for name, value in headers.items():
        response.headers[name] = value
    return response


async def until(holds: Callable[[], object], *, at_most_s: float = 20.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + at_most_s
    while not holds():
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.005)
