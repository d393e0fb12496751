"""Announcement: what goes to the ledger before a result is known, and how it ended after that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gate.evidence import trials
from gate.evidence.families import family_of
from gate.evidence.outcomes import Ended, Series
from gate.statistics.moments import moments
from storage.open import open_warehouse
from storage.seals.emptying import empty_sealed
from storage.seals.likeness import Sketch, read_sketch, sketch
from storage.seals.register import SEALED, SEEN, Register
from tasks.ingest.sealing import reading_of
from tasks.ingest.task import known_bars

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from storage.lake.manifest import Manifest
    from storage.ledger import Entry, Ledger
    from storage.seals.register import Seal
    from tasks.dag.plan import RunPlan
    from tasks.dag.session import Session
    from tasks.ingest.sealing import Sealing


def announce(
    session: Session,
    ledger: Ledger,
    sealing: Sealing,
    plans: Iterable[tuple[RunPlan, Mapping[str, Any]]],
    *,
    road: str,
) -> int:
    """Put the data's seal, the data and the trials on the ledger, in this order.

    Parameters
    ----------
    session
        One whose data were read or ingested; all plans are of these data.
    plans
        Each with what else identifies its evidence.

    Returns
    -------
    int
        How many trials are new.
    """
    if sealing.seal and sealing.new:
        _empty(session, ledger, sealing.seal)
        _append_once(ledger, SEALED, sealing.seal.to_body(), road)
    seen = _seen(session)
    plan = session.plan
    body = {"data": plan.data_digest, "reading": reading_of(plan.spec.data), **seen.to_body()}
    _announce_data(ledger, body, seen, road)
    family = family_of(ledger.entries(), seen.name)
    return trials.record_trials(
        ledger,
        (
            {
                "run_id": tried.run_id,
                "strategy": tried.strategy,
                "family": family,
                "road": road,
                "about": {
                    "spec": tried.spec_hash, "data": tried.data_digest, "print": seen.name, **about,
                },
            }
            for tried, about in plans
        ),
    )  # fmt: skip


def _announce_data(ledger: Ledger, body: Mapping[str, Any], seen: Sketch, actor: str) -> None:
    """Say which bars are read, unless that was said, and what they are like: compared once."""
    same = ("data", "reading", "print")

    def said(entries: Sequence[Entry]) -> bool:
        return any(e.kind == SEEN and all(e.body.get(k) == body[k] for k in same) for e in entries)

    entries = ledger.entries()
    if not said(entries):
        like = {"like": sorted(set(Register(entries).like(seen)))}
        ledger.append(SEEN, {**body, **like}, actor=actor, unless=said)


def _empty(session: Session, ledger: Ledger, seal: Seal) -> None:
    """Take out of the warehouse what the seal closes; first, so that a kill leaves nothing open."""
    entries = ledger.entries()
    register = Register(entries)
    register.seals.append(seal)
    waiting = session.reporter.waiting
    with open_warehouse(session.settings, session.workspace, on_wait=waiting) as warehouse:
        emptied = empty_sealed(warehouse, register, entries)
    _remove_pages(session.workspace.reports, emptied)


def _remove_pages(folder: Path, names: Sequence[str]) -> None:
    """Take away pages that show what was sealed: of runs, of sweeps, and of many together."""
    for name in names:
        for pattern in (f"*{name}*", f"compare-*{name[:6]}*", "index.html"):
            for page in folder.glob(pattern):
                page.unlink(missing_ok=True)


def _append_once(ledger: Ledger, kind: str, body: Mapping[str, Any], actor: str) -> None:
    ledger.append(
        kind,
        body,
        actor=actor,
        unless=lambda entries: any(e.kind == kind and e.body == body for e in entries),
    )


def _seen(session: Session) -> Sketch:
    """Return the sketch of the bars that the trial reads."""
    if session.prepared is not None:
        return sketch(known_bars(session.prepared.bars, session.plan.as_of))
    summary = json.loads(session.lake.read(session.manifest("ingest"), "summary.json"))
    return read_sketch(summary["sketch"])


def finished(returns: pl.DataFrame, manifest: Manifest, name: str, *, run_id: str) -> Ended:
    """Tell how a trial ended whose returns were committed.

    Parameters
    ----------
    returns
        ``ts`` and ``net_return``.
    manifest, name
        Of the file that holds them.
    """
    values = returns["net_return"].to_numpy()
    found = moments(values)
    where = manifest.dataset
    series = Series(where.zone, where.stage, where.key, name, manifest.file(name).sha256)
    return Ended(run_id, "finished", found.sharpe if found else None, len(values), series)
