"""Admission: over HTTP, who shows the token is answered, and nobody else.

Loopback is no boundary: every account and every program of a machine reaches its ports. So the
token is kept where its owner alone reads it, and the same one serves the next time, for it stands
in the settings of an assistant.
"""

from __future__ import annotations

import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from configs.errors import Failed
from configs.keys.private_files import create_private, read_private, state_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from pathlib import Path

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Scope]]
    Send = Callable[[Scope], Awaitable[None]]
    Served = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADER: Final = b"authorization"
REFUSAL: Final = {
    "kind": "Forbidden",
    "what": "this server answers who shows its token",
    "hint": "`qraft mcp --http PORT` names the file that it is in; "
    "send it as the header `Authorization: Bearer TOKEN`",
}


def token_file(port: int) -> Path:
    """Return where the token of the server at a port of this machine is kept."""
    return state_folder() / "mcp" / f"{port}.token"


def token_of(port: int) -> str:
    """Return the token of the server at a port; it is made at the first use.

    Raises
    ------
    Forbidden
        If somebody else could have read or written it.
    Failed
        If what is kept there is no token.
    """
    path = token_file(port)
    if read_private(path) is None:
        create_private(path, secrets.token_urlsafe(32).encode())
    found = (read_private(path) or b"").decode("ascii", "replace")
    if len(found) < 43 or not found.replace("-", "").replace("_", "").isalnum():
        raise Failed(f"{path} holds no token", hint="remove it, and another one is made")
    return found


class Admission:
    """An application of ASGI that hands on to another what shows the token.

    Parameters
    ----------
    served
        The other.
    token
        What is to be shown, once, as ``Authorization: Bearer TOKEN``.
    """

    def __init__(self, served: Served, token: str) -> None:
        self._served = served
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or whatever else a server tells its application."""
        if scope["type"] == "lifespan" or self._admits(scope):
            await self._served(scope, receive, send)
        elif scope["type"] == "http":
            await _refuse(send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _admits(self, scope: Scope) -> bool:
        shown = [value for name, value in scope["headers"] if name.lower() == HEADER]
        return len(shown) == 1 and hmac.compare_digest(shown[0], self._expected)


async def _refuse(send: Send) -> None:
    body = json.dumps(REFUSAL).encode()
    headers = [
        (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)),
        (b"www-authenticate", b"Bearer"), (b"cache-control", b"no-store"),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})
