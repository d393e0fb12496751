"""What a run of a running strategy left, beside what was published before."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from configs.errors import Damaged, QraftError
from storage.manifest import DatasetId
from storage.objects import NotFound
from tasks.paper.published import read_published

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from gate.strategies import Strategy
    from storage.ledger import Entry
    from storage.objects import ObjectStore
    from tasks.paper.published import Published
    from tasks.session import Session

SIGNAL = "signal"
"""The kind of entry by which a decision counts as published, from that moment on."""


def told_signals(entries: Sequence[Entry], strategy: Strategy) -> list[Entry]:
    """Return the ledger's entries of a strategy's signals since it came to paper, by their time."""
    told = [
        entry
        for entry in entries
        if entry.kind == SIGNAL
        and entry.body["strategy"] == strategy.strategy
        and datetime.fromisoformat(entry.body["ts"])
        > datetime.fromisoformat(strategy.running_since)
    ]
    return sorted(told, key=lambda entry: str(entry.body["ts"]))


def read_told(store: ObjectStore, entry: Entry) -> Published:
    """Read a published decision, as the ledger names it.

    Raises
    ------
    Damaged
        If it is gone, or is another one.
    """
    path = entry.body["path"]
    try:
        raw = store.get(path)
    except NotFound as error:
        raise Damaged(f"the published signal {path} is gone") from error
    if hashlib.sha256(raw).hexdigest() != entry.body["sha256"]:
        raise Damaged(f"the published signal {path} was changed")
    return read_published(raw, datetime.fromisoformat(entry.at))


Material = tuple["pl.DataFrame", "pl.DataFrame", "pl.DataFrame", "pl.DataFrame | None"]


def _material(session: Session) -> Material:
    """Return the source's bars, the study's bars, scores, and the patterns that act.

    Where the data are sealed, a run stops at the seal, and what is followed comes after it. Then
    all of it is made in memory, from the file as it is now: nothing of it is stored, and only what
    came after the strategy came to paper is told.
    """
    spec = session.plan.spec
    acts = bool(spec.backtest.reactions)
    if session.plan.sealed_from is None:
        patterns = session.frame("detection", "patterns") if acts else None
        source = session.frame("ingest", "bars")
        return source, session.bars(), session.frame("signal", "scores"), patterns
    from tasks.ingest import read
    from tasks.ingest.sources import locate
    from tasks.resampling import study_bars
    from tasks.sweep.computing import signal

    path = locate(spec.data, session.workspace.root)
    source = read(spec.data, path, original_name=session.plan.original_name).bars
    bars = study_bars(source, spec)
    made = signal(bars, spec, acting=acts)
    return source, bars, made.scores, made.patterns


class Scene:
    """What a run left, beside what was published before."""

    def __init__(self, session: Session, strategy: Strategy, now: datetime) -> None:
        self.session = session
        self.strategy = strategy
        self.spec = session.plan.spec
        self.since = datetime.fromisoformat(strategy.running_since)
        self.now = now
        self.source, self.bars, self.scores, self.patterns = _material(session)

    def published(self, entries: Sequence[Entry]) -> list[Published]:
        """Return all decisions since the strategy came to paper, the oldest first.

        Only what the ledger names was published, and only as the ledger names it.

        Raises
        ------
        Damaged
            If a decision is not the one that was published.
        """
        told = told_signals(entries, self.strategy)
        return [read_told(self.session.lake.store, entry) for entry in told]

    def figures(self, entries: Sequence[Entry]) -> dict[str, float | None]:
        """Return what the gate looks at."""
        from tasks.paper.divergence import follow
        from tasks.paper.inputs import input_drift, stale_hours

        followed = follow(
            self.published(entries), self.bars, self.scores, self.spec,
            code=self.session.plan.code_digest, patterns=self.patterns,
        )  # fmt: skip
        revised = self.revised()
        return {
            **followed.figures(),
            "input_drift": input_drift(self.bars, self.since),
            "stale_hours": stale_hours(self.bars, self.now),
            "history_revised": None if revised is None else float(revised),
        }

    def revised(self) -> bool | None:
        """Whether the bars of the evidence were changed; None where they cannot be read."""
        from tasks.paper.inputs import history_revised

        key = self.strategy.evidence.get("keys", {}).get("ingest")
        dataset = DatasetId("refined", "ingest", str(key))
        lake = self.session.lake
        try:
            seen = lake.frame(lake.manifest(dataset), "bars.parquet")
        except QraftError:
            return None
        return history_revised(seen, self.source)

    def running(self) -> dict[str, str]:
        """Return the digests of what runs; bars that were added are no other data."""
        plan = self.session.plan
        same = self.revised() is False
        data = self.strategy.digests.data if same else plan.data_digest
        return {"spec": plan.spec_hash, "code": plan.code_digest, "data": data}
