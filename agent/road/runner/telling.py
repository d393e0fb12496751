"""What a finished run tells: new bars, new drifts, data that looks wrong.

A run that tells owes that from its beginning on, in the outbox (`tasks.runs.run`). When its last
task is complete, what is new is kept there, in one step with that nothing is owed any more, and
told until it is known to have arrived. A run that is killed in between, or whose bus is away, is
told later: by the same run again, or by :func:`tell_owed`.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from configs.errors import QraftError, Unreachable
from storage.events.boxes import Boxes
from storage.events.envelope import Event, make_event
from storage.events.outbox import Owed
from storage.locks import hold
from storage.open import open_bus

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.events.outbox import Outbox
    from tasks.dag.session import Session
    from tasks.runs.run import Asked, Outcome

MOST_TOLD = 200
"""Of one run; a market in which everything drifts is told by the first of them."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling."""

    count: int
    """How many events the run was the cause of; each is kept."""
    later: str = ""
    """Why they are told later, if they are."""


def tell_of(outcome: Outcome, asked: Asked) -> Told:
    """Keep what is new in a finished run, and tell it.

    A tainted run tells nothing: what an assistant asked for wakes no study (`tasks.runs.taint`).
    What it computed is told by the next run of the study, though that finds everything done.

    Events carry the same ids if they are told again. Patterns of bars that an earlier run of the
    study told of are no news; the first run tells of its last bar alone.
    """
    if outcome.tainted:
        return Told(0)
    session = outcome.session
    owed = Owed(session.plan.run_id, session.plan.spec.name, tuple(asked.woken_by))
    with Boxes(session.workspace.home / "events") as boxes:
        count = _keep(session, owed, boxes.outbox)
        return Told(count, deliver(session.workspace, session.settings, boxes.outbox))


def deliver(workspace: Workspace, settings: Settings, outbox: Outbox) -> str:
    """Tell what is due; return why it is told later, if it is."""
    try:
        with closing(open_bus(settings, workspace)) as bus:
            return outbox.deliver(bus).trouble
    except QraftError as error:
        return error.what


def tell_owed(workspace: Workspace, outbox: Outbox) -> int:
    """Keep what is new in runs that were done and killed before they told; return how many runs.

    One that another process is at, or that is not complete, goes on owing.

    Raises
    ------
    Unreachable
        If a store does not answer.
    """
    from tasks.dag.session import forget, session_of
    from tasks.runs.record.task import Record

    told = 0
    for owed in outbox.owed():
        lock = workspace.locks / f"run-{owed.run_id}.lock"
        workspace.locks.mkdir(parents=True, exist_ok=True)
        try:
            with hold(lock, what="this run", timeout_s=0.001):
                session = session_of(str(workspace.root), owed.run_id)
                try:
                    if Record.of(session).complete():
                        _keep(session, owed, outbox)
                        told += 1
                finally:
                    forget(session)
        except Unreachable:
            raise
        except QraftError:  # in progress, or not all of it is there
            continue
    return told


def _keep(session: Session, owed: Owed, outbox: Outbox) -> int:
    bars = session.frame("ingest", "bars")
    if bars.is_empty():
        return outbox.keep_news(owed, [], until=None)
    last: datetime = bars["ts"].max()  # type: ignore[assignment]
    since = outbox.told_until(owed.study)
    events = list(
        news(
            owed.study, owed.run_id,
            last=last, since=datetime.fromisoformat(since) if since else None, rows=bars.height,
            patterns=session.frame("detection", "patterns"),
            health=session.frame("ingest", "health"),
            meta={"path": [*owed.path, owed.study]},
        )
    )  # fmt: skip
    return outbox.keep_news(owed, events, until=last.isoformat())


def news(
    study: str,
    run_id: str,
    *,
    last: datetime,
    since: datetime | None,
    rows: int,
    patterns: pl.DataFrame,
    health: pl.DataFrame,
    meta: dict[str, Any],
) -> Iterable[Event]:
    """Return what is new in a run.

    Parameters
    ----------
    last
        The last bar's end, UTC.
    since
        Up to which bar the study's patterns were told; None if never.
    """
    import polars as pl

    if since is not None and last <= since:
        return
    run = {"study": study, "run_id": run_id}
    yield make_event(
        "partition_created", study, {**run, "last_ts": last.isoformat(), "rows": rows},
        ts=last, meta=meta,
    )  # fmt: skip
    fresh = patterns.filter(pl.col("ts") > since if since else pl.col("ts") == last)
    for row in fresh.filter(pl.col("type") == "drift").head(MOST_TOLD).to_dicts():
        payload = {
            **run, "pattern_id": row["pattern_id"], "symbol": row["symbol"],
            "detector": row["detector"], "watched": row["source"],
            "confidence": row["confidence"], "ts": row["ts"].isoformat(),
        }  # fmt: skip
        yield make_event("drift_detected", study, payload, ts=row["ts"], meta=meta)
    wrong = health.filter(pl.col("action").is_in(["dropped", "repaired"]), pl.col("count") > 0)
    if not wrong.is_empty():
        found = wrong.select("rule", "action", "count").to_dicts()
        yield make_event("quality_anomaly", study, {**run, "found": found}, ts=last, meta=meta)
