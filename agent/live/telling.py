"""What a source tells: patterns, gaps, sealed hours, lag; through the outbox, never single ticks.

Ids follow from what is told, so that to tell it again after a kill has no effect. A pattern's id
names the source, the pattern, and the place in the journal at which it was found: a run that it
wakes names it on the ledger, with its trial.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from agent.live.flow.commits import commits
from agent.live.home import read_json, write_json
from agent.road.runner.telling import deliver
from storage.events.boxes import Boxes
from storage.events.envelope import make_event, to_bytes
from storage.journal.record import BEGINNING, Cursor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.live.alerting import News
    from agent.live.flow.commits import Commit
    from agent.live.home import SourceHome
    from configs.settings import Settings
    from storage.events.envelope import Event
    from storage.events.outbox import Outbox

PATTERNS: Final = "qraft.patterns"
GAPS: Final = "qraft.gaps"
SEGMENTS: Final = "qraft.segments"
LAG: Final = "qraft.lag"
TYPES: Final = {
    "drift": "drift_detected", "anomaly": "anomaly_detected", "cluster_change": "cluster_changed",
}  # fmt: skip
"""A pattern's type to the event by which studies are woken."""
_TOLD: Final = ("patterns", "gaps")
MOST_TOLD: Final = 200
"""Of one commit; a market in which everything drifts is told by the first of them."""


class Teller:
    """Tells what was committed, from where it was told the last time.

    Parameters
    ----------
    home
        The source's folders.
    settings
        Which bus there is; what it does not take now, the workspace's listener tells later.
    """

    def __init__(self, home: SourceHome, settings: Settings) -> None:
        self._home, self._settings = home, settings
        told = read_json(home.told).get("log")
        self._told = Cursor(*told) if isinstance(told, list) else BEGINNING

    def note(self, commit: Commit) -> None:
        """Tell what there is to tell in a commit, at once."""
        if "patterns" in commit.tables or "gaps" in commit.tables:
            self.catch_up()

    def catch_up(self) -> int:
        """Keep in the outbox what was committed and not told; return how many events."""
        count, place = 0, self._told
        with Boxes(self._home.workspace.home / "events") as boxes:
            for place, commit in commits(self._home.outputs, self._told, only=_TOLD):  # noqa: B007
                count += keep(boxes.outbox, self._home.name, commit)
            if count:
                deliver(self._home.workspace, self._settings, boxes.outbox)
        if place != self._told:
            self._told = place
            write_json(self._home.told, {"log": list(place)})
        return count


def keep(outbox: Outbox, source: str, commit: Commit) -> int:
    """Keep what a commit tells."""
    found = list(pattern_events(source, commit))
    if found:
        outbox.keep(found)
    for event in found:
        outbox.keep_raw(f"{PATTERNS}:{event.event_id}", PATTERNS, to_bytes(event))
    gaps = list(gap_events(source, commit))
    for event in gaps:
        outbox.keep_raw(f"{GAPS}:{event.event_id}", GAPS, to_bytes(event))
    return len(found) + len(gaps)


def pattern_events(source: str, commit: Commit) -> Iterator[Event]:
    """Return the events of a commit's patterns, the gravest of them if there are too many."""
    frame = commit.tables.get("patterns")
    if frame is None:
        return
    rows = frame.sort("severity", descending=True, nulls_last=True).head(MOST_TOLD).to_dicts()
    segment, offset = commit.end
    for row in rows:
        payload = {
            "stream": source, "pattern_id": row["pattern_id"], "symbol": row["symbol"],
            "detector": row["detector"], "watched": row["source"],
            "confidence": row["confidence"], "severity": row["severity"],
            "ts": row["ts"].isoformat(), "segment": segment, "offset": offset,
        }  # fmt: skip
        ident = f"{source}/{row['pattern_id']}@{segment}:{offset}"
        yield make_event(TYPES[row["type"]], source, payload, ts=row["ts"], event_id=ident)


def gap_events(source: str, commit: Commit) -> Iterator[Event]:
    """Return the events of a commit's gaps, as they are found, filled or given up."""
    frame = commit.tables.get("gaps")
    for row in [] if frame is None else frame.head(MOST_TOLD).to_dicts():
        yield make_event("gap", source, row, ts=_at(row["at_us"]))


def sealed_event(source: str, prefix: str, section: dict[str, Any]) -> tuple[str, str, bytes]:
    """Return the id, the topic and the body by which a sealed hour is told."""
    event = make_event(
        "segment_sealed", source, {"stream": source, "dataset": prefix, **section},
        ts=_at(section["last_us"]),
    )  # fmt: skip
    return f"{SEGMENTS}:{event.event_id}", SEGMENTS, to_bytes(event)


def tell_alert(home: SourceHome, news: News, at_us: int) -> None:
    """Keep in the outbox that a source is silent, behind, or full of gaps, or is so no more."""
    payload = {"stream": home.name, **news._asdict()}
    event = make_event("stream_alert", home.name, payload, ts=_at(at_us))
    with Boxes(home.workspace.home / "events") as boxes:
        boxes.outbox.keep_raw(f"{LAG}:{event.event_id}", LAG, to_bytes(event))


def _at(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)


def describe(event: Event) -> str:
    """Say a pattern in a line, for a person who watches."""
    told = event.payload
    grave = told.get("severity")
    how = f", severity {grave:.1f}" if isinstance(grave, float) else ""
    where = told.get("symbol") or "market"
    return f"{told['ts']}  {event.type}  {where}  {told['detector']} on {told['watched']}{how}"
