"""From a URL to a store: the only place that knows which scheme means which adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, did_you_mean
from storage.lake.lake import Lake
from storage.lake.objects import FolderObjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.events.port import Bus
    from storage.events.spool import Spool
    from storage.index.qdrant import QdrantIndex
    from storage.lake.objects import ObjectStore
    from storage.leases import Leases
    from storage.ledger import Ledger
    from storage.warehouse.port import Warehouse


class Stores(Protocol):
    """The stores of a workspace, as whoever opened them hands them on."""

    @property
    def workspace(self) -> Workspace:
        """The workspace."""

    @property
    def settings(self) -> Settings:
        """Its settings."""

    @property
    def lake(self) -> Lake:
        """The lake, for what was run."""

    @property
    def ledger(self) -> Ledger:
        """The ledger, for what was decided."""

    def warehouse(self) -> AbstractContextManager[Warehouse]:
        """Open the warehouse briefly."""


def open_lake(settings: Settings, workspace: Workspace, ledger: Ledger | None = None) -> Lake:
    """Open the lake that the settings name.

    Parameters
    ----------
    ledger
        The ledger of this lake where it is open already, so that it is read once for both.
    """
    return Lake(_objects(settings, workspace), ledger or open_ledger(settings, workspace))


def open_leases(store: ObjectStore) -> Leases:
    """Return where those who share a lake take turns; they are as far apart as its store lets."""
    from storage.leases import FolderLeases, ObjectLeases
    from storage.leases.objects import FOLDER

    if isinstance(store, FolderObjects):
        return FolderLeases(store.root / FOLDER)
    return ObjectLeases(store)


def open_ledger(settings: Settings, workspace: Workspace) -> Ledger:
    """Open the ledger, which lives in the lake."""
    from configs.output import talk
    from storage.ledger import Ledger

    if settings.lake.startswith("s3://"):
        from storage.buckets.retained import RetainedObjects
        from storage.buckets.store import parse_bucket

        bucket = RetainedObjects(parse_bucket(settings.lake))
        return Ledger(bucket, place=settings.lake, say=talk)
    return Ledger(_objects(settings, workspace), say=talk)


def open_warehouse(
    settings: Settings, workspace: Workspace, *, on_wait: Callable[[str], None] | None = None
) -> AbstractContextManager[Warehouse]:
    """Open the warehouse briefly; another process that uses it is waited for.

    Parameters
    ----------
    on_wait
        Called once, with a sentence, if there is something to wait for.
    """
    scheme, folder = _folder(settings.warehouse, workspace)
    _require(scheme, {"chdb", "clickhouse"}, settings.warehouse)
    if scheme == "clickhouse":
        from storage.warehouse.server import open_server, parse_server

        return open_server(parse_server(settings.warehouse))
    from storage.warehouse.chdb import open_chdb

    return open_chdb(folder, lock_timeout_s=settings.wait_s, on_wait=on_wait)


def prepare_stores(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Make and set up what a server's store needs before its first use; repeating it is safe."""
    if not settings.lake.startswith("s3://"):
        return
    from storage.buckets.setup import prepare
    from storage.buckets.store import parse_bucket

    bucket = parse_bucket(settings.lake)
    for done in prepare(bucket):
        say(f"bucket {bucket.name}: {done}")


def open_bus(settings: Settings, workspace: Workspace) -> Bus:
    """Open the bus that carries events; close it after use."""
    scheme, folder = _folder(settings.events, workspace)
    _require(scheme, {"spool", "nsq"}, settings.events)
    if scheme == "nsq":
        from storage.events.nsq.address import parse_address
        from storage.events.nsq.bus import NsqBus

        return NsqBus(parse_address(settings.events))
    from storage.events.spool import Spool

    return Spool(folder)


def open_spool(settings: Settings, workspace: Workspace) -> Spool:
    """Open the bus of a workspace without a broker, whose messages can be looked at as they wait.

    Raises
    ------
    BadInput
        If a broker carries the events: it shows no message without handing it out.
    """
    from storage.events.spool import Spool

    scheme, folder = _folder(settings.events, workspace)
    if scheme != "spool":
        raise BadInput(
            f"{without_secrets(settings.events)} shows no messages without handing them out",
            hint="give them as lines: nsq_tail --topic TOPIC ... | qraft signals verify -",
        )
    return Spool(folder)


def open_index(
    settings: Settings, workspace: Workspace, *, on_wait: Callable[[str], None] | None = None
) -> AbstractContextManager[QdrantIndex]:
    """Open the index of passages briefly; another process that uses it is waited for."""
    from storage.index.embedding import make_embedder

    folder = index_folder(settings, workspace)
    embedder = make_embedder(settings.embeddings)
    if folder is None:
        from storage.index.server import open_server, parse_server

        return open_server(parse_server(settings.index), embedder=embedder)
    from configs.keys.workspace import checkpoint_key
    from storage.index.local import open_local

    return open_local(
        folder,
        key=checkpoint_key(),
        embedder=embedder,
        lock_timeout_s=settings.wait_s,
        on_wait=on_wait,
    )


def index_folder(settings: Settings, workspace: Workspace) -> Path | None:
    """Return the folder of the embedded index; None where the settings name a server."""
    scheme, folder = _folder(settings.index, workspace)
    _require(scheme, {"qdrant-local", "qdrant"}, settings.index)
    return folder if scheme == "qdrant-local" else None


def _objects(settings: Settings, workspace: Workspace) -> ObjectStore:
    scheme, folder = _folder(settings.lake, workspace)
    _require(scheme, {"file", "s3"}, settings.lake)
    if scheme == "s3":
        from storage.buckets.store import BucketObjects, parse_bucket

        return BucketObjects(parse_bucket(settings.lake))
    return FolderObjects(folder)


def _folder(url: str, workspace: Workspace) -> tuple[str, Path]:
    parts = urlsplit(url)
    return parts.scheme, (workspace.root / (parts.netloc + parts.path)).resolve()


def _require(scheme: str, allowed: set[str], url: str) -> None:
    if scheme not in allowed:
        raise BadInput(
            f"no store answers to `{without_secrets(url)}`", hint=did_you_mean(scheme, allowed)
        )
