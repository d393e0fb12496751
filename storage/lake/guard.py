"""The guard: what stands between a lake's readers and what is sealed, whoever they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from configs.errors import Forbidden
from configs.remedies import Mend
from storage.lake.manifest import DatasetId
from storage.seals.register import Register

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.lake.manifest import Manifest
    from storage.ledger import Entry, Ledger

OPENED = "holdout_opened"
"""The kind of entry by which the gate opens what is sealed, for one strategy, once."""

RAW = "raw"
INGEST = "ingest"


@dataclass(frozen=True, slots=True)
class Opening:
    """The gate's word that one source may be read past its seal; worthless without its entry.

    Only `gate.deciding` makes one. The guard looks it up on the ledger each time it is shown.
    """

    seq: int
    hash: str
    data: str
    """sha256 of the source's bytes that may be read."""


class Guard:
    """Refuses what is sealed.

    Parameters
    ----------
    ledger
        Where the seals are; asked at the first read.
    read
        Returns the bytes of a named file of a manifest, unguarded.
    manifest
        Returns a committed manifest, unguarded.
    opening
        What the gate opened, if this reader was given it.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        read: Callable[[Manifest, str], bytes],
        manifest: Callable[[DatasetId], Manifest],
        opening: Opening | None = None,
    ) -> None:
        self._ledger = ledger
        self._read = read
        self._manifest = manifest
        self._opening = opening
        self._allowed: set[DatasetId] = set()
        self._register = Register(())
        self._judged_at = 0

    def check(self, manifest: Manifest) -> None:
        """Let a result be read, or refuse.

        Raises
        ------
        Forbidden
            If it holds, or was made from, what is sealed.
        """
        entries = self._look()
        if not self._register.seals or manifest.dataset in self._allowed:
            return
        if manifest.dataset.zone == RAW:
            self._check_raw(manifest, entries)
        elif (ingest := self._ingest_of(manifest)) is not None:
            self._check_made_from(ingest, manifest)
        self._allowed.add(manifest.dataset)

    def check_refined(self, raw: Manifest, up_to: date | None) -> None:
        """Let bars be made of a source's file up to a day, or refuse.

        Raises
        ------
        Forbidden
            If it is sealed from an earlier day on.
        """
        entries = self._look()
        seal = self._register.seal_on(raw.dataset.key)
        if seal is not None and (up_to is None or up_to > seal.sealed_from):
            self._check_raw(raw, entries)

    def _look(self) -> list[Entry]:
        """Read the ledger on; a seal may have come since."""
        entries = self._ledger.entries()
        if len(entries) != self._judged_at:
            self._judged_at = len(entries)
            self._register = Register(entries)
            self._allowed.clear()
        return entries

    def _check_raw(self, manifest: Manifest, entries: list[Entry]) -> None:
        data = manifest.dataset.key
        seal = self._register.seal_on(data)
        if seal is None or self._is_open(data, entries):
            return
        raise Forbidden(
            f"the source {data[:12]} is sealed from {seal.sealed_from} on, and its file is not "
            "handed out",
            hint="runs read what comes before; the gate opens the rest, once for each strategy",
            remedy=Mend.OPEN_HOLDOUT(),
        )

    def _is_open(self, data: str, entries: list[Entry]) -> bool:
        """Whether the gate's word is on the ledger, and was not used yet."""
        opening = self._opening
        if opening is None or opening.data != data or not 0 < opening.seq <= len(entries):
            return False
        entry = entries[opening.seq - 1]
        used = any(
            later.kind == "outcome" and later.body.get("opening") == opening.seq
            for later in entries[opening.seq :]
        )
        return (
            (entry.kind, entry.hash, entry.body.get("data")) == (OPENED, opening.hash, data)
            and not used
        )  # fmt: skip

    def _ingest_of(self, manifest: Manifest) -> Manifest | None:
        """Find the bars that a result was made from; none for what was made from no bars."""
        if manifest.dataset.stage == INGEST:
            return manifest
        key = manifest.inputs.get(INGEST)
        if key is not None:
            return self._manifest(DatasetId("refined", INGEST, key))
        if manifest.dataset.stage == "sweep" and manifest.inputs:
            # All points of a sweep are made from the same bars.
            point = DatasetId("report", "point", next(iter(manifest.inputs.values())))
            return self._ingest_of(self._manifest(point))
        return None

    def _check_made_from(self, ingest: Manifest, manifest: Manifest) -> None:
        seal = self._register.seal_on(ingest.inputs["data"])
        if seal is None:
            return
        summary = json.loads(self._read(ingest, "summary.json"))
        last = _day(summary["end"], summary.get("zone", "UTC"))
        if last is None or last < seal.sealed_from:
            return
        raise Forbidden(
            f"{manifest.dataset.prefix} was made from bars up to {last}, before {seal.source} was "
            f"sealed from {seal.sealed_from} on",
            hint="run the study again: it reads what comes before the seal",
            remedy=Mend.RUN_SPEC(),
        )


def _day(end: str | None, zone: str) -> date | None:
    return datetime.fromisoformat(end).astimezone(ZoneInfo(zone)).date() if end else None
