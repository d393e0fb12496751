"""A source's bytes, kept in the lake as they came in, and which of its bars had ended by then.

Where bars end after the source came in, that time decides what becomes of them: it is part of the
plan, and so of all keys. Where all had ended it decides nothing, and two lakes have equal keys.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from configs.errors import Failed
from configs.remedies import Mend
from storage.lake.manifest import DatasetId
from tasks.ingest.origin.sources import content_of, locate

if TYPE_CHECKING:
    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest
    from tasks.dag.plan import RunPlan
    from tasks.dag.session import Prepared, Session


def land(session: Session) -> Manifest:
    """Keep the source's bytes in the raw zone, so that a run can be repeated when they change."""
    plan = session.plan
    if session.lake.exists(landed(plan)):
        return session.lake.manifest(landed(plan))
    path = locate(plan.spec.data, session.workspace.root)
    content, ending = content_of(path)
    if hashlib.sha256(content).hexdigest() != plan.data_digest:
        raise Failed(f"{path} changed while it was read", remedy=Mend.TRY_AGAIN())
    seen_at = session.prepared.seen_at if session.prepared else None
    received = seen_at or datetime.now(UTC)
    about = {"original_name": plan.original_name, "received_at": received.isoformat()}
    return session.lake.commit(
        landed(plan), {f"source{ending}": content}, inputs={}, section=about, code=""
    )


def landed(plan: RunPlan) -> DatasetId:
    """Return where the bytes of a run's source are, or will be."""
    return DatasetId("raw", plan.spec.data.source, plan.data_digest)


def received_at(lake: Lake, plan: RunPlan) -> datetime | None:
    """Return when a run's source came into a lake; None where it is not there."""
    if not lake.exists(landed(plan)):
        return None
    written = lake.manifest(landed(plan)).section.get("received_at")
    return datetime.fromisoformat(str(written)) if written else None


def has_unfinished(prepared: Prepared) -> bool:
    """Whether bars of a source end after it was read."""
    seen_at, last_end = prepared.seen_at, prepared.last_end
    return seen_at is not None and last_end is not None and last_end > seen_at


def recall_cut(lake: Lake, plan: RunPlan) -> RunPlan:
    """Return the plan by which a source was ingested in this lake; the one given where none was."""
    if lake.exists(plan.stage("ingest").dataset):
        return plan
    known = plan.cut_at(received_at(lake, plan))
    return known if lake.exists(known.stage("ingest").dataset) else plan


def settle_cut(session: Session) -> None:
    """Leave out of the plan the bars that had not ended when the source came into this lake.

    Whoever lands a source first says when that was, so that all that share a lake agree. Where all
    bars had ended, and where ingest is done, nothing changes and nothing is written.
    """
    prepared = session.prepared
    if prepared is None or not has_unfinished(prepared):
        return
    land(session)
    received = received_at(session.lake, session.plan) or prepared.seen_at
    if received != prepared.seen_at:
        session.prepared = None
    over = prepared.last_end is not None and received is not None and prepared.last_end <= received
    session.plan = session.plan.cut_at(None if over else received)
