"""What `qraft doctor` looks at where stores are servers: whether they work and are set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checkup.finding import Finding
from agent.checkup.questions import (
    ask_clickhouse,
    ask_luigi,
    ask_nsqd,
    ask_nsqlookupd,
    ask_qdrant,
    ask_telemetry,
    mend,
    within,
)
from configs.url import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.service.service import Service

BUCKET_S = 12.0
"""A store of objects is asked three times."""


def ask_lake(service: Service) -> str:
    """Ask the store of the lake for its bucket, or the folder whether it can be written to."""
    import os

    if not service.settings.lake.startswith("s3://"):
        root = service.workspace.root
        return "" if os.access(root, os.W_OK | os.X_OK) else f"{root} cannot be written to"
    from storage.bucket_setup import is_there
    from storage.buckets import parse_bucket

    bucket = parse_bucket(service.settings.lake)
    return within(
        lambda: "" if is_there(bucket, patience_s=3.0) else f"there is no bucket {bucket.name}",
        BUCKET_S,
    )


def ask_warehouse(service: Service) -> str:
    """Ask the warehouse's server, if it is one."""
    if not service.settings.warehouse.startswith("clickhouse://"):
        return ""
    from storage.warehouse.server import parse_server

    server = parse_server(service.settings.warehouse)
    return within(lambda: ask_clickhouse(server), 2 * 5.0)


def ask_events(service: Service) -> str:
    """Ask every broker and directory that the settings name."""
    if not service.settings.events.startswith("nsq://"):
        return ""
    from storage.events.nsq.address import parse_address

    address = parse_address(service.settings.events)
    asked = [(ask_nsqd, pair) for pair in address.nsqd]
    asked += [(ask_nsqlookupd, pair) for pair in address.lookupd]
    troubles = []
    for ask, (host, port) in asked:
        if said := within(_bound(ask, host, port)):
            troubles.append(f"{host}:{port} {said}")
    return ", ".join(troubles)


def ask_index(service: Service) -> str:
    """Ask the server of the index, if it is one."""
    if not service.settings.index.startswith("qdrant://"):
        return ""
    from storage.index.server import parse_server

    server = parse_server(service.settings.index)
    return within(lambda: ask_qdrant(server))


def ask_scheduler(service: Service) -> str:
    """Ask the scheduler that the settings name, if they do."""
    url = service.settings.scheduler
    return within(lambda: ask_luigi(url)) if url.startswith("http") else ""


READINESS: dict[str, Callable[[Service], str]] = {
    "lake": ask_lake,
    "warehouse": ask_warehouse,
    "events": ask_events,
    "scheduler": ask_scheduler,
}
"""What must be there for a run to be begun and recorded."""


def examine_bucket(service: Service) -> Finding | None:
    """Return what is wrong with the lake's bucket; None if nothing is, or there is none."""
    url = service.settings.lake
    if not url.startswith("s3://"):
        return None
    from storage.bucket_setup import NO_LOCKS, what_is_missing
    from storage.buckets import credentials, parse_bucket

    credentials()  # what is missing in the environment is said as such
    shown = without_secrets(url)
    bucket = parse_bucket(url)
    if said := ask_lake(service):
        missing = said.startswith("there is no bucket")
        helps = "qraft up --prepare" if missing else mend(said)
        return Finding("lake", "wrong", f"{shown}: {said}", helps)
    if missing_parts := what_is_missing(bucket):
        found = f"{shown}: {'; '.join(missing_parts)}"
        unusable = NO_LOCKS in missing_parts
        return Finding("lake", "wrong" if unusable else "note", found, "qraft up --prepare")
    return None


def examine_warehouse(service: Service) -> Finding | None:
    """Return what is wrong with the warehouse's server; None if nothing is, or there is none."""
    said = ask_warehouse(service)
    return _wrong("warehouse", service.settings.warehouse, said) if said else None


def examine_events(service: Service) -> Finding:
    """Say whether whoever carries events works."""
    url = service.settings.events
    if said := ask_events(service):
        return _wrong("events", url, said)
    return Finding("events", "ok", without_secrets(url) + (": answers" if "nsq" in url[:4] else ""))


def examine_telemetry(service: Service) -> Finding:
    """Say whether what ran reaches its server; what does not is kept meanwhile."""
    url = service.settings.telemetry
    shown = without_secrets(url)
    if not url.startswith("openobserve://"):
        return Finding("telemetry", "ok", shown)
    from storage.telemetry.openobserve import parse_stream

    stream = parse_stream(url)
    if said := within(lambda: ask_telemetry(stream)):
        found = f"{shown}: {said}; lines wait in {service.workspace.telemetry.name}"
        return Finding("telemetry", "wrong", found, mend(said))
    return Finding("telemetry", "ok", f"{shown}: answers")


def examine_scheduler(service: Service) -> Finding:
    """Say which scheduler runs are told to, and whether it works."""
    from tasks.scheduler import find_running

    url = service.settings.scheduler
    if said := ask_scheduler(service):
        found = f"{without_secrets(url)}: {said}"
        return Finding(
            "scheduler", "wrong", found,
            "start luigid there, or set `scheduler: auto`, which needs no server",
        )  # fmt: skip
    if url.startswith("http"):
        return Finding("scheduler", "ok", f"{without_secrets(url)}: answers")
    running = find_running(service.workspace) if url == "auto" else None
    found = running.url if running else "none runs; every run looks after itself"
    return Finding("scheduler", "ok", found)


def _wrong(what: str, url: str, said: str) -> Finding:
    return Finding(what, "wrong", f"{without_secrets(url)}: {said}", mend(said))


def _bound(ask: Callable[[str, int], str], host: str, port: int) -> Callable[[], str]:
    return lambda: ask(host, port)
