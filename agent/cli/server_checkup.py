"""What `qraft doctor` looks at where stores are servers: whether they are there and set up."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.cli.findings import Finding
from configs.url import without_secrets

if TYPE_CHECKING:
    from agent.cli.context import Context

ANSWER_S = 2.0
SERVERS = "start it there: scripts/servers up, or configs/compose.yaml with Docker"


def examine_bucket(context: Context) -> Finding | None:
    """Return what is wrong with the lake's bucket; None if nothing is, or there is none.

    Raises
    ------
    QraftError
        If its store does not answer, or does not know us.
    """
    url = context.settings.lake
    if not url.startswith("s3://"):
        return None
    from storage.bucket_setup import is_there
    from storage.buckets import parse_bucket

    bucket = parse_bucket(url)
    if is_there(bucket):
        return None
    found = f"{without_secrets(url)}: there is no bucket {bucket.name}"
    return Finding("lake", "wrong", found, "qraft up --prepare")


def examine_warehouse(context: Context) -> Finding | None:
    """Return what is wrong with the warehouse's server; None if nothing is, or there is none."""
    url = context.settings.warehouse
    if not url.startswith("clickhouse://"):
        return None
    from storage.warehouse.server import parse_server

    server = parse_server(url)
    if listens(server.host, server.port):
        return None
    return Finding("warehouse", "wrong", f"{without_secrets(url)}: does not answer", SERVERS)


def examine_events(context: Context) -> Finding:
    """Say whether whoever carries events answers."""
    url = context.settings.events
    shown = without_secrets(url)
    if not url.startswith("nsq://"):
        return Finding("events", "ok", shown)
    from storage.events.nsq.address import parse_address

    address = parse_address(url)
    silent = [f"{h}:{p}" for h, p in (*address.nsqd, *address.lookupd) if not listens(h, p)]
    if silent:
        return Finding("events", "wrong", f"{shown}: {', '.join(silent)} does not answer", SERVERS)
    return Finding("events", "ok", f"{shown}: answers")


def examine_telemetry(context: Context) -> Finding:
    """Say whether what ran reaches its server; what does not is kept meanwhile."""
    url = context.settings.telemetry
    shown = without_secrets(url)
    if not url.startswith("openobserve://"):
        return Finding("telemetry", "ok", shown)
    from storage.telemetry.openobserve import parse_stream

    parts = urlsplit(parse_stream(url).url)
    if not listens(str(parts.hostname), parts.port or 80):
        found = f"{shown}: does not answer; lines wait in {context.workspace.telemetry.name}"
        return Finding("telemetry", "wrong", found, SERVERS)
    return Finding("telemetry", "ok", f"{shown}: answers")


def listens(host: str, port: int) -> bool:
    """Whether anyone takes connections there."""
    try:
        socket.create_connection((host, port), timeout=ANSWER_S).close()
    except OSError:
        return False
    return True
