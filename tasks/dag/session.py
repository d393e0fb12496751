"""What the tasks of one run share in one process: its plan, its stores, and who is told of it."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from configs.settings import Settings, load_settings
from configs.workspace import Workspace, open_workspace
from storage.open import open_lake, open_leases, open_ledger
from tasks.dag.plan import RunPlan, read_plan
from tasks.dag.progress import Silent
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack
    from datetime import datetime

    import polars as pl

    from storage.lake.lake import Lake
    from storage.lake.manifest import DatasetId, Manifest
    from storage.leases import Leases
    from storage.ledger import Ledger
    from tasks.dag.progress import Reporter


KEPT_BYTES = 2**28
"""As much of a run's frames is kept in memory by the process that decoded them; what does not fit
is decoded again by whoever reads it."""
NUMBER_BYTES = 8

SERVED = ("s3://", "clickhouse://")
"""Stores that are the same from every machine; others are folders of a workspace."""


def plan_path(run_id: str) -> str:
    """Return where the plan of a run is in the lake."""
    return f"runs/{run_id}/plan.json"


class Prepared(Protocol):
    """A source that was read already."""

    @property
    def bars(self) -> pl.DataFrame:
        """Canonical bars."""

    @property
    def health(self) -> pl.DataFrame:
        """What was found and done."""

    @property
    def reading(self) -> Mapping[str, str]:
        """How the columns were read."""

    @property
    def seen_at(self) -> datetime | None:
        """When it was taken in, UTC; bars that end later are left out."""

    @property
    def last_end(self) -> datetime | None:
        """When its last bar ends, UTC, also of those that are left out."""


def name_attempt() -> str:
    """Return a name that no other attempt has: who makes it, and a few random digits."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


@dataclass
class Session:
    """One run in one process."""

    workspace: Workspace
    settings: Settings
    plan: RunPlan
    lake: Lake
    reporter: Reporter = field(default_factory=Silent)
    prepared: Prepared | None = None
    """Bars that were read to check the spec against them, before anything was written."""
    computed: list[str] = field(default_factory=list)
    """The stages that this process computed, in order."""
    failure: Exception | None = None
    """Why a stage failed; Luigi itself only keeps the text."""
    attempt: str = field(default_factory=name_attempt)
    """Part of the tasks' names at a scheduler: what it remembers of another attempt, as that its
    worker died, is no part of this one."""

    opened: Ledger | None = None
    """The ledger of the lake where somebody has it open already."""

    def __post_init__(self) -> None:
        """Begin with nothing read."""
        self._manifests: dict[DatasetId, Manifest] = {}
        self._frames: dict[tuple[DatasetId, str], pl.DataFrame] = {}

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of the lake; a run reads it once."""
        return self.opened or open_ledger(self.settings, self.workspace)

    @cached_property
    def leases(self) -> Leases:
        """Where processes that share the lake take turns at its stages."""
        return open_leases(self.lake.store)

    def manifest(self, stage: str) -> Manifest:
        """Return the manifest of a finished stage of this run; it is read once."""
        dataset = self.plan.stage(stage).dataset
        if dataset not in self._manifests:
            self._manifests[dataset] = self.lake.manifest(dataset)
        return self._manifests[dataset]

    def frame(self, stage: str, name: str) -> pl.DataFrame:
        """Read a frame that an earlier stage of this run made, as ``frame("ingest", "bars")``.

        It is read once, and kept while all that is kept is small; whether it may be read is asked
        each time.
        """
        manifest = self.manifest(stage)
        self.lake.permit(manifest)
        place = manifest.dataset, name
        if place in self._frames:
            return self._frames[place]
        frame = self.lake.frame(manifest, f"{name}.parquet")
        kept = sum(known.estimated_size() for known in self._frames.values())
        if kept + frame.estimated_size() <= KEPT_BYTES:
            self._frames[place] = frame
        return frame

    def bars(self) -> pl.DataFrame:
        """Read the bars that the study works on: its source's, or coarser ones made of them."""
        return self.frame(self.bars_stage, "bars")

    def scan_bars(self, files: ExitStack) -> pl.LazyFrame:
        """Give the same to a reader that takes them bit by bit: from memory where they are small.

        Parameters
        ----------
        files
            Closes what they are read from.
        """
        import polars as pl

        manifest = self.manifest(self.bars_stage)
        stored = manifest.file("bars.parquet")
        if (stored.rows or 0) * len(stored.schema or ()) * NUMBER_BYTES <= KEPT_BYTES // 2:
            return self.bars().lazy()
        return pl.scan_parquet(files.enter_context(self.lake.open_file(manifest, stored.name)))

    @property
    def bars_stage(self) -> str:
        """The stage that made the bars that the study works on."""
        return "resampling" if self.plan.has("resampling") else "ingest"


def stores_of(settings: Settings, workspace: Workspace) -> str:
    """Return a short digest of where results are kept: two lakes at one scheduler are two."""
    own = str(workspace.root)
    urls = (settings.lake, settings.warehouse)
    return digest([[url, "" if url.startswith(SERVED) else own] for url in urls])[:8]


_open: dict[tuple[str, str], Session] = {}


def share(session: Session) -> None:
    """Let the tasks of this process find `session` by its run."""
    _open[str(session.workspace.root), session.plan.run_id] = session


def forget(session: Session) -> None:
    """End what :func:`share` began."""
    _open.pop((str(session.workspace.root), session.plan.run_id), None)


def session_of(workspace: str, run_id: str) -> Session:
    """Return the session of a run: this process's own, else rebuilt from the saved plan."""
    if session := _open.get((workspace, run_id)):
        return session
    folder = open_workspace(workspace)
    settings = load_settings(folder)
    ledger = open_ledger(settings, folder)
    lake = open_lake(settings, folder, ledger)
    plan = read_plan(lake.store.get(plan_path(run_id)))
    session = Session(folder, settings, plan, lake, opened=ledger)
    share(session)
    return session
