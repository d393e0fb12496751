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
from configs.endpoints.url import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.open import Stores

BUCKET_S = 12.0
"""A store of objects is asked three times."""


def ask_lake(stores: Stores) -> str:
    """Ask the store of the lake for its bucket, or the folder whether it can be written to."""
    import os

    if not stores.settings.lake.startswith("s3://"):
        root = stores.workspace.root
        return "" if os.access(root, os.W_OK | os.X_OK) else f"{root} cannot be written to"
    from storage.buckets.setup import is_there
    from storage.buckets.store import parse_bucket

    bucket = parse_bucket(stores.settings.lake)
    return within(
        lambda: "" if is_there(bucket, patience_s=3.0) else f"there is no bucket {bucket.name}",
        BUCKET_S,
    )


def ask_warehouse(stores: Stores) -> str:
    """Ask the warehouse's server, if it is one."""
    if not stores.settings.warehouse.startswith("clickhouse://"):
        return ""
    from storage.warehouse.server import parse_server

    server = parse_server(stores.settings.warehouse)
    return within(lambda: ask_clickhouse(server), 2 * 5.0)


def ask_events(stores: Stores) -> str:
    """Ask every broker and directory that the settings name."""
    if not stores.settings.events.startswith("nsq://"):
        return ""
    from storage.events.nsq.address import parse_address

    address = parse_address(stores.settings.events)
    asked = [(ask_nsqd, pair) for pair in address.nsqd]
    asked += [(ask_nsqlookupd, pair) for pair in address.lookupd]
    troubles = []
    for ask, (host, port) in asked:
        if said := within(_bound(ask, host, port)):
            troubles.append(f"{host}:{port} {said}")
    return ", ".join(troubles)


def ask_index(stores: Stores) -> str:
    """Ask the server of the index, if it is one."""
    if not stores.settings.index.startswith("qdrant://"):
        return ""
    from storage.index.server import parse_server

    server = parse_server(stores.settings.index)
    return within(lambda: ask_qdrant(server))


def ask_scheduler(stores: Stores) -> str:
    """Ask the scheduler that the settings name, if they do."""
    url = stores.settings.scheduler
    return within(lambda: ask_luigi(url)) if url.startswith("http") else ""


READINESS: dict[str, Callable[[Stores], str]] = {
    "lake": ask_lake,
    "warehouse": ask_warehouse,
    "events": ask_events,
    "scheduler": ask_scheduler,
}
"""What must be there for a run to be begun and recorded."""


def examine_bucket(stores: Stores) -> Finding | None:
    """Return what is wrong with the lake's bucket; None if nothing is, or there is none."""
    url = stores.settings.lake
    if not url.startswith("s3://"):
        return None
    from storage.buckets.setup import NO_LOCKS, what_is_missing
    from storage.buckets.store import credentials, parse_bucket

    credentials()  # what is missing in the environment is said as such
    shown = without_secrets(url)
    bucket = parse_bucket(url)
    if said := ask_lake(stores):
        missing = said.startswith("there is no bucket")
        helps = "qraft up --prepare" if missing else mend(said)
        return Finding("lake", "wrong", f"{shown}: {said}", helps)
    if missing_parts := what_is_missing(bucket):
        found = f"{shown}: {'; '.join(missing_parts)}"
        unusable = NO_LOCKS in missing_parts
        return Finding("lake", "wrong" if unusable else "note", found, "qraft up --prepare")
    return None


def examine_warehouse(stores: Stores) -> Finding | None:
    """Return what is wrong with the warehouse's server; None if nothing is, or there is none."""
    said = ask_warehouse(stores)
    return _wrong("warehouse", stores.settings.warehouse, said) if said else None


def examine_events(stores: Stores) -> Finding:
    """Say whether whoever carries events works."""
    url = stores.settings.events
    if said := ask_events(stores):
        return _wrong("events", url, said)
    return Finding("events", "ok", without_secrets(url) + (": answers" if "nsq" in url[:4] else ""))


def examine_telemetry(stores: Stores) -> Finding:
    """Say whether what ran reaches its server; what does not is kept meanwhile."""
    url = stores.settings.telemetry
    shown = without_secrets(url)
    if not url.startswith("openobserve://"):
        return Finding("telemetry", "ok", shown)
    from storage.telemetry.openobserve import parse_stream

    stream = parse_stream(url)
    if said := within(lambda: ask_telemetry(stream)):
        found = f"{shown}: {said}; lines wait in {stores.workspace.telemetry.name}"
        return Finding("telemetry", "wrong", found, mend(said))
    return Finding("telemetry", "ok", f"{shown}: answers")


def examine_scheduler(stores: Stores) -> Finding:
    """Say which scheduler runs are told to, and whether it works."""
    from tasks.scheduler.choice import find_running

    url = stores.settings.scheduler
    if said := ask_scheduler(stores):
        found = f"{without_secrets(url)}: {said}"
        return Finding(
            "scheduler", "wrong", found,
            "start luigid there, or set `scheduler: auto`, which needs no server",
        )  # fmt: skip
    if url.startswith("http"):
        return Finding("scheduler", "ok", f"{without_secrets(url)}: answers")
    running = find_running(stores.workspace) if url == "auto" else None
    found = running.url if running else "none runs; every run looks after itself"
    return Finding("scheduler", "ok", found)


def _wrong(what: str, url: str, said: str) -> Finding:
    return Finding(what, "wrong", f"{without_secrets(url)}: {said}", mend(said))


def _bound(ask: Callable[[str, int], str], host: str, port: int) -> Callable[[], str]:
    return lambda: ask(host, port)
