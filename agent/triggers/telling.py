"""What a finished run tells: new bars, new drifts, data that looks wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from configs.errors import Unreachable
from storage.events.envelope import EVENTS, Event, make_event, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import polars as pl

    from tasks.run import Outcome

DEADLINE_S = 5.0
MOST_TOLD = 200
"""Of one run; a market in which everything drifts is told by the first of them."""


def tell_of(outcome: Outcome, *, woken_by: Sequence[str] = ()) -> int:
    """Publish what is new in a run; return how many events that were.

    A tainted run tells nothing: what an assistant asked for wakes no study (`tasks.taint`). What it
    computed is told by the next run of the study, though that finds everything done. Events carry
    the same ids if they are told again, so a crash between telling and noting it does no harm.
    Patterns of bars that an earlier run of the study told of are no news; the first run tells of
    its last bar alone.

    Raises
    ------
    Unreachable
        If the bus does not take them; the run itself is done.
    """
    if outcome.tainted:
        return 0
    from agent.triggers.memory import Memory
    from storage.open import open_bus

    session = outcome.session
    memory = Memory(session.workspace.home / "events")
    study = session.plan.spec.name
    bars = session.frame("ingest", "bars")
    if bars.is_empty():
        return 0
    last: datetime = bars["ts"].max()  # type: ignore[assignment]
    since = memory.told_until(study)
    if not outcome.computed and since is None:
        memory.close()
        return 0
    meta = {"path": [*woken_by, study]}
    events = list(
        news(
            study, session.plan.run_id,
            last=last, since=since, rows=bars.height,
            patterns=session.frame("detection", "patterns"),
            health=session.frame("ingest", "health"),
            meta=meta,
        )
    )  # fmt: skip
    bus = open_bus(session.settings, session.workspace)
    try:
        bus.publish(EVENTS, [to_bytes(event) for event in events], deadline_s=DEADLINE_S)
        memory.told(study, last)
    finally:
        bus.close()
        memory.close()
    return len(events)


def tell_kindly(outcome: Outcome) -> str | None:
    """Publish what is new; if the bus is away, return the sentence to say about it."""
    try:
        tell_of(outcome)
    except Unreachable as error:
        return f"other studies were not told of this run: {error.what}"
    return None


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
