"""`/ws`: channels by WebSocket, subscribed and left by messages."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from agent.http.push.hub import Listener, Sent
from configs.errors import QraftError

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from agent.http.push.hub import Hub

SEND_S: Final = 4.0
"""Seconds in which a message must have been taken."""
LARGEST: Final = 4_096
TOO_SLOW: Final = 1013
UNFIT: Final = 1008
MOST_CHANNELS: Final = 32


async def serve(socket: WebSocket, hub: Hub) -> None:
    """Serve one client: ``{"subscribe": NAME, "after": CURSOR}``, ``{"unsubscribe": NAME}``."""
    await socket.accept()
    listener = Listener()
    work = [
        asyncio.ensure_future(each)
        for each in (_send(socket, listener), _hear(socket, listener, hub), listener.full.wait())
    ]
    try:
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        if work[2] in done or work[0] in done:
            await _close(socket, TOO_SLOW, "what was sent was not taken; come back with a cursor")
    finally:
        hub.leave(listener)
        for each in work:
            each.cancel()
        await asyncio.gather(*work, return_exceptions=True)


async def _send(socket: WebSocket, listener: Listener) -> None:
    """Send what is queued; returns if it is not taken in time."""
    while True:
        told = await listener.queue.get()
        try:
            await asyncio.wait_for(socket.send_text(told.text), SEND_S)
        except TimeoutError:
            return


async def _hear(socket: WebSocket, listener: Listener, hub: Hub) -> None:
    """Do what the client says, until it leaves."""
    from starlette.websockets import WebSocketDisconnect

    names: set[str] = set()
    while True:
        try:
            text = await socket.receive_text()
        except (WebSocketDisconnect, KeyError):
            return
        if len(text) > LARGEST:
            await _close(socket, UNFIT, "a message that is too long")
            return
        listener.hand(Sent(await _answer(text, names, listener, hub)))


async def _answer(text: str, names: set[str], listener: Listener, hub: Hub) -> str:
    said = _read(text)
    if said is None:
        return json.dumps({"error": 'say {"subscribe": "patterns"} or {"unsubscribe": "patterns"}'})
    verb, name, after = said
    if verb == "unsubscribe":
        names.discard(name)
        hub.leave(listener, name)
        return json.dumps({"unsubscribed": name})
    if name in names:
        return json.dumps({"subscribed": name})
    if len(names) >= MOST_CHANNELS:
        return json.dumps({"error": f"no more than {MOST_CHANNELS} channels"})
    try:
        cursor = await hub.listen(listener, name, after)
    except QraftError as error:
        return json.dumps({"error": error.what, "channel": name})
    names.add(name)
    return json.dumps({"subscribed": name, "cursor": cursor})


def _read(text: str) -> tuple[str, str, str | None] | None:
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    after = said.get("after")
    for verb in ("subscribe", "unsubscribe"):
        name = said.get(verb)
        if isinstance(name, str) and (after is None or isinstance(after, str)):
            return verb, name, after
    return None


async def _close(socket: WebSocket, code: int, why: str) -> None:
    from contextlib import suppress

    with suppress(Exception):
        await asyncio.wait_for(socket.close(code, why), 1.0)
