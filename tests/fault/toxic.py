"""Toxiproxy, asked over its HTTP interface: a proxy in front of a server, and what ails it."""

from __future__ import annotations

import json
import socket
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Proxy:
    """One proxy; whoever speaks to its port speaks to the server behind it."""

    admin: str
    name: str
    port: int

    def ail(self, kind: str, stream: str, *, toxicity: float = 1.0, **attributes: int) -> None:
        """Add a toxic to the connections in one direction."""
        self._ask(
            "POST", "/toxics",
            {"type": kind, "stream": stream, "toxicity": toxicity, "attributes": attributes},
        )  # fmt: skip

    def heal(self) -> None:
        """Take all toxics away, and cut what is open: a healed server is met anew."""
        for toxic in self._ask("GET", "/toxics"):
            self._ask("DELETE", f"/toxics/{toxic['name']}")
        self._ask("POST", "", {"enabled": False})
        self._ask("POST", "", {"enabled": True})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return ask(f"{self.admin}/proxies/{self.name}{path}", method, body)


def ask(url: str, method: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        raw = answer.read()
    return json.loads(raw) if raw else None


@contextmanager
def proxied(admin_port: int, name: str, upstream_port: int) -> Iterator[Proxy]:
    """Put a proxy in front of a port of this machine for as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    admin = f"http://{LOOPBACK}:{admin_port}"
    ask(
        f"{admin}/proxies", "POST",
        {"name": name, "listen": f"{LOOPBACK}:{port}", "upstream": f"{LOOPBACK}:{upstream_port}"},
    )  # fmt: skip
    try:
        yield Proxy(admin, name, port)
    finally:
        ask(f"{admin}/proxies/{name}", "DELETE")
