"""The same channels as server-sent events; a browser resumes by `Last-Event-ID` on its own."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Final

from agent.http.push.hub import Listener
from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from agent.http.push.hub import Hub

ALIVE_S: Final = 15.0
"""Seconds of quiet after which a comment is sent: the line lives."""


async def events(hub: Hub, names: Sequence[str], last: str | None) -> AsyncIterator[bytes]:
    """Yield what happens on channels, from where a client was on each of them.

    Parameters
    ----------
    last
        The id of the last event that a client saw: the cursors of all its channels.
    """
    cursors = read_cursors(last)
    listener = Listener()
    try:
        for name in names:
            await hub.listen(listener, name, cursors.get(name))
        while not listener.full.is_set():
            try:
                told = await asyncio.wait_for(listener.queue.get(), ALIVE_S)
            except TimeoutError:
                yield b": alive\n\n"
                continue
            cursors[told.channel] = told.cursor
            head = f"id: {write_cursors(cursors)}\nevent: {told.channel}\n"
            yield f"{head}data: {told.text}\n\n".encode()
    finally:
        hub.leave(listener)


def write_cursors(cursors: dict[str, str]) -> str:
    """Return cursors as one word.

    Examples
    --------
    >>> read_cursors(write_cursors({"logs": "12"}))
    {'logs': '12'}
    """
    return base64.urlsafe_b64encode(json.dumps(cursors, sort_keys=True).encode()).decode()


def read_cursors(text: str | None) -> dict[str, str]:
    """Return what :func:`write_cursors` was given.

    Raises
    ------
    BadInput
        If it is something else.
    """
    if not text:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(text.encode()))
        return {str(name): str(cursor) for name, cursor in found.items()}
    except (ValueError, AttributeError) as error:
        raise BadInput("the Last-Event-ID is none of ours") from error
