"""What each kind of server is asked, in its own protocol, to know that it works.

A connection that is taken says little: the kernel takes it for a process that is stopped. Each
question returns a sentence on what is wrong, or nothing, and has a limit of time as a whole.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from configs.errors import QraftError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storage.index.server import Server as QdrantServer
    from storage.telemetry.openobserve import Stream
    from storage.warehouse.server import Server as ClickHouseServer

LIMIT_S = 5.0
"""A server that works answers such a question in milliseconds."""
SOCKET_S = 4.0
LARGEST = 65_536
SILENT = "does not answer"
STARTED = "start it there: scripts/servers up, or configs/compose.yaml with Docker"
HUNG = "it may be stopped or overloaded: look at its process and its log, and start it anew"
LEAST_CLICKHOUSE = (23, 3)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_VERSION = re.compile(r"(\d+)\.(\d+)")


class Silence(Exception):
    """Nothing listens, or nothing answers."""


def within(question: Callable[[], str], limit_s: float = LIMIT_S) -> str:
    """Ask, and do not wait longer than the limit, whatever the server does."""
    answers: list[str] = []

    def ask() -> None:
        try:
            answers.append(question())
        except Silence as error:
            answers.append(str(error))
        except QraftError as error:
            answers.append(error.what if error.hint is None else f"{error.what}: {error.hint}")
        except (OSError, ValueError, KeyError, struct.error) as error:
            answers.append(f"answers in no way that is known: {type(error).__name__}: {error}")

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(limit_s)
    return answers[0] if answers else f"takes connections and {SILENT} within {limit_s:g} s"


def mend(said: str) -> str:
    """Return what helps against a silence."""
    return HUNG if "takes connections" in said else STARTED


def ask_nsqd(host: str, port: int) -> str:
    """Ask nsqd who it is, as a client does first of all."""
    body = json.dumps({"client_id": "qraft-doctor", "feature_negotiation": True}).encode()
    try:
        connection = socket.create_connection((host, port), timeout=SOCKET_S)
    except OSError as error:
        raise Silence(SILENT) from error
    try:
        with connection:
            connection.sendall(b"  V2IDENTIFY\n" + struct.pack(">I", len(body)) + body)
            size, kind = struct.unpack(">II", _exactly(connection, 8))
            answer = _exactly(connection, min(size - 4, LARGEST))
    except TimeoutError as error:
        raise Silence(f"takes connections and {SILENT}") from error
    except OSError:
        return "is no nsqd: it hangs up"
    if kind == 0 and json.loads(answer).get("version"):
        return ""
    return f"is no nsqd: it says {answer[:60]!r}"


def ask_nsqlookupd(host: str, port: int) -> str:
    """Ask nsqlookupd whether it is well."""
    status, body = get(f"http://{host}:{port}/ping")
    return "" if (status, body) == (200, b"OK") else f"is no nsqlookupd: it answers {status}"


def ask_clickhouse(server: ClickHouseServer) -> str:
    """Ask ClickHouse its version, as the user that runs have, and for rows as runs ask for them."""
    scheme = "https" if server.secure else "http"
    where = f"{scheme}://{server.host}:{server.port}/?query="
    headers = {"X-ClickHouse-User": server.user}
    if server.password:
        headers["X-ClickHouse-Key"] = server.password
    status, body = get(where + quote("SELECT version()"), headers)
    if status in {401, 403} or b"Code: 516" in body or b"Code: 193" in body or b"Code: 192" in body:
        return (
            f"does not let `{server.user}` in; "
            "CLICKHOUSE_PASSWORD and the user in the URL have to fit the server"
        )
    if status != 200:
        return f"refuses a question: {_line(body)}"
    version = body.decode(errors="replace").strip()
    numbers = _VERSION.match(version)
    if numbers is None:
        return f"is no ClickHouse: it says {_line(body)}"
    status, body = get(where + quote("SELECT 1 AS n FORMAT ArrowStream"), headers)
    if status != 200 or (int(numbers[1]), int(numbers[2])) < LEAST_CLICKHOUSE:
        least = ".".join(map(str, LEAST_CLICKHOUSE))
        return f"is ClickHouse {version}, too old for runs: they need {least} or later"
    return ""


def ask_qdrant(server: QdrantServer) -> str:
    """Ask Qdrant for its collections, with the key that runs have."""
    headers = {"api-key": server.api_key} if server.api_key else {}
    status, body = get(f"{server.url}/collections", headers)
    if status in {401, 403}:
        return "does not let us in; QDRANT_API_KEY has to be the server's"
    if status != 200 or "result" not in _json(body):
        return f"is no Qdrant: it answers {status} {_line(body)}"
    return ""


def ask_telemetry(stream: Stream) -> str:
    """Ask the place that takes telemetry, with nothing to take."""
    pair = base64.b64encode(f"{stream.user}:{stream.password}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
    status, _ = get(stream.url, headers, data=b"[]")
    if status in {401, 403}:
        return "does not let us in; OPENOBSERVE_PASSWORD and the user have to fit the server"
    return (
        "" if status < 500 and status != 404 else f"takes no telemetry there: it answers {status}"
    )


def ask_luigi(url: str) -> str:
    """Ask Luigi's scheduler for its resources, as `scheduler_url` does."""
    status, body = get(f"{url.rstrip('/')}/api/resource_list?data=%7B%7D")
    return "" if status == 200 and "response" in _json(body) else "is no Luigi scheduler"


def get(
    url: str, headers: Mapping[str, str] | None = None, *, data: bytes | None = None
) -> tuple[int, bytes]:
    """Return the status and the beginning of the body of an answer.

    Raises
    ------
    Silence
        If there is none.
    """
    proxies = ProxyHandler({}) if urlsplit(url).hostname in _LOOPBACK else ProxyHandler()
    request = Request(url, data=data, headers=dict(headers or {}))  # noqa: S310 - http or https
    try:
        with build_opener(proxies).open(request, timeout=SOCKET_S) as answer:
            return answer.status, answer.read(LARGEST)
    except HTTPError as error:
        return error.code, error.read(LARGEST)
    except OSError as error:
        reason = getattr(error, "reason", error)
        taken = isinstance(reason, TimeoutError)
        raise Silence(f"takes connections and {SILENT}" if taken else SILENT) from error


def _exactly(connection: socket.socket, size: int) -> bytes:
    heard = b""
    while len(heard) < size:
        piece = connection.recv(size - len(heard))
        if not piece:
            raise OSError("it hung up")
        heard += piece
    return heard


def _json(body: bytes) -> Any:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _line(body: bytes) -> str:
    return body.decode(errors="replace").strip().partition("\n")[0][:120]
