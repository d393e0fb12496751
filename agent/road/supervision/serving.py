"""Metrics and health over HTTP, on this machine alone."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from configs.errors import Failed

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

    from agent.road.supervision.health import Health

LOOPBACK = "127.0.0.1"
LOOK_S = 0.5
REQUEST_S = 10.0
JSON = "application/json"


class Server(ThreadingHTTPServer):
    """Answers ``/metrics``, ``/healthz`` and ``/readyz``.

    Parameters
    ----------
    port
        On loopback; 0 for any that is free.
    health
        None where a command has no parts: then there are metrics only.

    Raises
    ------
    Failed
        If the port is taken.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, registry: CollectorRegistry, health: Health | None) -> None:
        from prometheus_client import generate_latest

        def metrics() -> tuple[int, str, bytes]:
            return 200, "text/plain; version=0.0.4; charset=utf-8", generate_latest(registry)

        self.pages: dict[str, Callable[[], tuple[int, str, bytes]]] = {"/metrics": metrics}
        if health is not None:
            self.pages["/healthz"] = lambda: _told(*health.alive())
            self.pages["/readyz"] = lambda: _told(*health.ready())
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            raise Failed(f"port {port} cannot be used for metrics: {error}") from error
        self.timeout = LOOK_S

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def serve(self, stop: threading.Event) -> None:
        """Answer until told to stop."""
        while not stop.is_set():
            self.handle_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a client that left."""


class _Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_S
    server: Server

    def do_GET(self) -> None:
        """Answer."""
        page = self.server.pages.get(self.path.partition("?")[0])
        status, kind, body = page() if page else (404, JSON, b'{"pages": ["/metrics"]}')
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - so http.server asks for it

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base names it
        """Say nothing of requests."""


def _told(well: bool, body: dict[str, Any]) -> tuple[int, str, bytes]:
    return (200 if well else 503), JSON, json.dumps(body, indent=2).encode()
