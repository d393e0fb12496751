"""The warehouse on a ClickHouse server."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, Refused, Unreachable, did_you_mean
from configs.remedies import Mend
from storage.warehouse.asking import is_connection_lost
from storage.warehouse.clickhouse import ClickHouseWarehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storage.warehouse.port import Warehouse

PASSWORD = "CLICKHOUSE_PASSWORD"  # noqa: S105  the variable's name
FORM = "as clickhouse://user@host:8123/qraft, or with ?secure=1 for port 8443"
STALE_AFTER_S = 6 * 3600.0
"""A load that was begun so long ago belongs to a process that is gone."""
CONNECT_S, ANSWER_S = 5, 300
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is; the password stays out of what is shown."""

    host: str
    port: int
    user: str
    database: str
    secure: bool
    password: str = field(default="", repr=False)


def parse_server(url: str, environment: Mapping[str, str] = os.environ) -> Server:
    """Read ``clickhouse://user@host:port/database?secure=1``.

    Raises
    ------
    BadInput
        If it has another form, or carries the password.

    Examples
    --------
    >>> parse_server("clickhouse://db.example/qraft", {}).port
    8123
    """
    shown = without_secrets(url)
    parts = urlsplit(url)
    if parts.password is not None:
        raise BadInput(f"`{shown}` carries a password", hint=f"set {PASSWORD} instead")
    options = dict(parse_qsl(parts.query))
    for name in options:
        if name != "secure":
            raise BadInput(
                f"`{shown}` has an unknown option `{name}`", hint=did_you_mean(name, ["secure"])
            )
    database = parts.path.strip("/") or "qraft"
    try:
        port = parts.port
    except ValueError as error:
        raise BadInput(f"`{shown}` has no such port", hint=FORM) from error
    if not parts.hostname or not _DATABASE.fullmatch(database):
        raise BadInput(f"`{shown}` names no server or no database", hint=FORM)
    secure = options.get("secure") in {"1", "true"}
    return Server(
        parts.hostname, port or (8443 if secure else 8123), unquote(parts.username or "default"),
        database, secure, environment.get(PASSWORD, ""),
    )  # fmt: skip


@contextmanager
def open_server(server: Server) -> Iterator[Warehouse]:
    """Connect, make the database if it is not there, and disconnect after use.

    Raises
    ------
    Unreachable
        If the server does not answer.
    Refused
        If it does not let us in.
    """
    client = _connect(server)
    try:
        yield ClickHouseWarehouse(client, stale_after_s=STALE_AFTER_S)
    finally:
        client.close()


def _connect(server: Server) -> Any:
    import clickhouse_connect
    from clickhouse_connect.driver.exceptions import ClickHouseError

    where = f"the warehouse at {server.host}:{server.port}"
    try:
        client = clickhouse_connect.get_client(
            host=server.host, port=server.port, username=server.user, password=server.password,
            secure=server.secure, connect_timeout=CONNECT_S, send_receive_timeout=ANSWER_S,
            autogenerate_session_id=False,
        )  # fmt: skip
        client.command(f"CREATE DATABASE IF NOT EXISTS {server.database}")
    except ClickHouseError as error:
        if is_connection_lost(error):
            raise Unreachable(f"{where} does not answer", remedy=Mend.CHECK_UP()) from error
        raise Refused(f"{where} does not let us in", hint=str(error).partition("\n")[0]) from error
    client.database = server.database
    return client
