"""What a run of a running strategy left, beside what was published before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from configs.errors import Damaged, QraftError
from gate.signals.told import told_signals
from storage.lake.manifest import DatasetId
from storage.lake.objects import NotFound
from tasks.ingest.origin.marks import SUMMARY, read_marks, read_whole, still_there
from tasks.ingest.origin.sources import digest, locate
from tasks.live.paper.published import read_published

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import polars as pl

    from gate.strategies.strategies import Strategy
    from storage.lake.objects import ObjectStore
    from storage.ledger import Entry
    from tasks.dag.session import Session
    from tasks.live.paper.published import Published


def read_told(store: ObjectStore, entry: Entry) -> Published:
    """Read a published decision, as the ledger names it.

    Raises
    ------
    Damaged
        If it is gone, or is another one.
    """
    raw = read_kept(store, entry.body["path"], entry.body["sha256"])
    return read_published(raw, datetime.fromisoformat(entry.at))


def read_kept(store: ObjectStore, path: str, sha256: str) -> bytes:
    """Read what was published, as the ledger names it.

    Raises
    ------
    Damaged
        If it is gone, or is another one.
    """
    try:
        raw = store.get(path)
    except NotFound as error:
        raise Damaged(f"the published signal {path} is gone") from error
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise Damaged(f"the published signal {path} was changed")
    return raw


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a strategy that is followed knows at one moment.

    Attributes
    ----------
    source, bars
        The source's bars, and those that the study works on: of the approved symbols alone.
    scores
        ``symbol, ts, score``.
    patterns
        The alarms that act on the backtest; none where none do.
    future_bars
        How many bars of the source are not over, or not public, at that moment.
    left_out
        Symbols of the source that were not approved, sorted: they came later.
    """

    source: pl.DataFrame
    bars: pl.DataFrame
    scores: pl.DataFrame
    patterns: pl.DataFrame | None
    future_bars: int
    left_out: tuple[str, ...] = ()


def gather(session: Session, now: datetime, symbols: Collection[str] | None = None) -> Material:
    """Gather what is known now of what a running strategy looks at.

    What follows a strategy reads on where its research had to stop: past the seal on its data, and
    past the end of its period. Then all is made in memory from the file as it is now; nothing of it
    is stored, and only what came after the strategy came to paper is told. It is called for a
    strategy that the ledger has at paper or live, and for no other.

    A bar that is not over yet, or lies in the future, is passed over until it is; one that was not
    over when the file came in, until the file is another. So is a symbol that nobody approved: the
    others are compared with one another as if it were not there.

    Parameters
    ----------
    now
        UTC.
    symbols
        Those that were approved; default all there are.
    """
    spec = session.plan.spec
    acts = bool(spec.backtest.reactions)
    stored = session.plan.sealed_from is None and spec.data.end is None
    source = session.frame("ingest", "bars") if stored else None
    if source is not None and not _left_out(source, symbols):
        patterns = session.frame("detection", "alarms") if acts else None
        return Material(
            _known(source, now), _known(session.bars(), now),
            _known(session.frame("signal", "scores"), now),
            _known(patterns, now) if patterns is not None else None,
            future_bars=source.height - _known(source, now).height,
        )  # fmt: skip
    from tasks.study import decide, study_bars

    whole = source if source is not None else _read_on(session)
    known, left_out = _known(whole, now), _left_out(whole, symbols)
    approved = known.filter(~known["symbol"].is_in(left_out)) if left_out else known
    bars = _known(study_bars(approved, spec), now)
    made = decide(bars, spec, acting=acts)
    return Material(
        known, bars, made.signal.scores, made.alarms, whole.height - known.height, left_out
    )


def _read_on(session: Session) -> pl.DataFrame:
    """Read the file as it is now, past the seal on it and past the end of the period.

    While it is the one that was planned, bars that had not ended when it came in stay left out.
    """
    plan, root = session.plan, session.workspace.root
    same = plan.cut is not None and digest(plan.spec.data, root) == plan.data_digest
    return read_whole(
        plan.spec.data, locate(plan.spec.data, root), plan.original_name,
        seen_at=plan.cut if same else None,
    )  # fmt: skip


def _left_out(source: pl.DataFrame, symbols: Collection[str] | None) -> tuple[str, ...]:
    """Return the symbols of a source that were not approved."""
    return () if symbols is None else tuple(sorted({*source["symbol"].unique()} - {*symbols}))


def _known(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Leave out what is not over, or not public, at a moment."""
    import polars as pl

    return frame.filter(pl.col("known_at" if "known_at" in frame.columns else "ts") <= now)


def _absent(bars: pl.DataFrame, symbols: Collection[str], proposed: datetime) -> tuple[str, ...]:
    """Return the symbols that ended since they were proposed, or are gone from the data.

    Those that had ended before are no news.
    """
    import polars as pl

    newest = bars["ts"].max()
    then = bars.filter(pl.col("ts") <= proposed)["ts"].max()
    last = dict(bars.group_by("symbol").agg(pl.col("ts").max()).iter_rows())
    ended = {s for s, ts in last.items() if ts < newest and (then is None or ts >= then)}
    return tuple(sorted(s for s in symbols if s in ended or s not in last))


class LiveState:
    """What a run left, beside what was published before."""

    def __init__(self, session: Session, strategy: Strategy, now: datetime) -> None:
        self.session = session
        self.strategy = strategy
        self.spec = session.plan.spec
        self.since = datetime.fromisoformat(strategy.running_since)
        self.now = now
        symbols = strategy.mandate.symbols if strategy.mandate else None
        known = gather(session, now, symbols)
        self.source, self.bars, self.scores = known.source, known.bars, known.scores
        self.patterns, self.future_bars = known.patterns, known.future_bars
        self.left_out = known.left_out
        self.absent = _absent(self.bars, symbols or (), datetime.fromisoformat(strategy.proposed))
        """Approved symbols that have no newest bar: what is held of them cannot be dealt."""

    def published(self, entries: Sequence[Entry]) -> list[Published]:
        """Return all decisions since the strategy came to paper, the oldest first.

        Only what the ledger names was published, and only as the ledger names it.

        Raises
        ------
        Damaged
            If a decision is not the one that was published.
        """
        told = told_signals(entries, self.strategy.strategy, self.strategy.running_since)
        return [read_told(self.session.lake.store, entry) for entry in told]

    def figures(self, entries: Sequence[Entry]) -> dict[str, float | None]:
        """Return what the gate looks at."""
        from tasks.live.paper.divergence import follow
        from tasks.live.paper.inputs import input_drift, stale_hours

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
            "future_bars": float(self.future_bars),
        }

    def revised(self) -> bool | None:
        """Whether the bars of the evidence were changed; None where that cannot be told.

        The sealed ones are among them: the evidence rests on what was seen there once.
        """
        key = self.strategy.evidence.get("keys", {}).get("ingest")
        try:
            manifest = self.session.lake.manifest(DatasetId("refined", "ingest", str(key)))
            marks = read_marks(self.session.lake.read(manifest, SUMMARY))
        except QraftError:
            return None
        proposed = datetime.fromisoformat(self.strategy.proposed)
        same = still_there(marks, self.source, until=proposed)
        return None if same is None else not same

    def running(self) -> dict[str, str]:
        """Return the digests of what runs; bars that were added are no other data."""
        plan = self.session.plan
        same = self.revised() is False
        data = self.strategy.digests.data if same else plan.data_digest
        return {"spec": plan.spec_hash, "code": plan.code_digest, "data": data}
