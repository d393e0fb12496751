"""The server: uvicorn with httptools and uvloop, and connections that must get on with it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

from agent.http.application import make_app
from configs.errors import BadInput, Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.http.tokens import Tokens
    from agent.service.service import Service

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
PORT: Final = 8100
HEAD_S: Final = 10.0
"""Seconds in which a connection must have sent the head of a request."""
MOST_CONNECTIONS: Final = 4_096
LEAVE_S: Final = 3


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    Failed
        If the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Failed(
            f"{host}:{port} cannot be used: {error.strerror}", hint="name another with --port"
        ) from error
    listening.listen(1_024)
    return listening


def names_of(host: str, port: int, also: Sequence[str] = ()) -> list[str]:
    """Return the names by which a server may be called.

    Examples
    --------
    >>> names_of("127.0.0.1", 8100)
    ['127.0.0.1:8100', 'localhost:8100', '[::1]:8100']
    """
    own = ["127.0.0.1", "localhost", "[::1]"] if host in LOOPBACK else [host]
    return [f"{name}:{port}" for name in own] + list(also)


def refuse_open(host: str, tokens: Tokens | None, also: Sequence[str]) -> None:
    """Refuse to be reached from elsewhere without a token, or without a name.

    Raises
    ------
    BadInput
        Saying what is missing.
    """
    if host in LOOPBACK:
        return
    if tokens is None or not tokens.all():
        raise BadInput(
            f"at {host} others can ask, and there is no token", hint="qraft token new NAME"
        )
    if host in {"0.0.0.0", "::"} and not also:  # noqa: S104 - it is refused
        raise BadInput(
            f"{host} is no name by which a browser calls",
            hint="name the names that are right with --name, as qraft.example.com",
        )


def serve(
    service: Service, listening: socket.socket, *, hosts: Sequence[str], tokens: Tokens | None,
    begun: Callable[[Any], None] = lambda _server: None,
) -> None:  # fmt: skip
    """Serve until a signal ends it.

    Parameters
    ----------
    begun
        Told the server, whose `should_exit` ends it.
    """
    import uvicorn

    config = uvicorn.Config(
        make_app(service, hosts=hosts, tokens=tokens), http=_protocol(), loop="uvloop",
        ws="websockets-sansio", lifespan="on", log_level="warning", access_log=False,
        server_header=False, date_header=True, limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=15, timeout_graceful_shutdown=LEAVE_S, ws_max_size=65_536,
        ws_per_message_deflate=False, proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    begun(server)
    server.run(sockets=[listening])


def _protocol() -> Any:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class Prompt(HttpToolsProtocol):
        """Ends a connection that says nothing, or says it a letter at a time."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._late = self.loop.call_later(HEAD_S, self._end)

        def on_headers_complete(self) -> None:
            self._late.cancel()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._late.cancel()
            super().connection_lost(exc)

        def _end(self) -> None:
            if not self.transport.is_closing():
                self.transport.abort()

    return Prompt
