"""Ingest: land the source's bytes as received, then refine them into canonical bars."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from configs.errors import BadInput, in_spec
from storage.seals.likeness import sketch
from tasks.dag.stage import Stage
from tasks.ingest.origin.landing import has_unfinished, land, received_at
from tasks.ingest.origin.marks import MARKS, read_whole, take_marks
from tasks.ingest.origin.sources import locate
from tasks.ingest.sealing import read_open
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest
    from tasks.dag.plan import RunPlan
    from tasks.dag.session import Prepared, Session


class Ingest(Stage):
    """The source's bars, the data-health report, and how the columns were read."""

    stage: ClassVar[str] = "ingest"

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Refine the landed file; bars that became public after `as_of` are left out."""
        plan = session.plan
        raw = land(session)
        ingested = _taken_in(session, raw)
        bars = known_bars(ingested.bars, plan.as_of)
        return {
            "bars.parquet": bars,
            "health.parquet": ingested.health,
            "reading.json": canonical_json(dict(ingested.reading)).encode(),
            "summary.json": canonical_json(
                {
                    **summary(bars),
                    "zone": plan.spec.data.zone,
                    "sketch": sketch(bars).to_body(),
                    MARKS: _marks(session, raw, bars),
                }
            ).encode(),
        }


def take_in(session: Session) -> Prepared:
    """Read the source of a run before it is announced; the stage keeps what was read.

    A spec is held against its data before anything is written, so the stage's work begins here.

    Raises
    ------
    BadInput
        As :func:`tasks.ingest.sealing.read_open`, at the spec's key.
    """
    if session.prepared is None:
        plan = session.plan
        path = locate(plan.spec.data, session.workspace.root)
        try:
            session.prepared = read_open(
                plan.spec.data, plan.sealed_from, path,
                original_name=plan.original_name, seen_at=received_at(session.lake, plan),
            )  # fmt: skip
        except BadInput as error:
            raise error if error.place else error.at(in_spec("data")) from None
    return session.prepared


def _taken_in(session: Session, raw: Manifest) -> Prepared:
    """Return what was read, or read the landed bytes where another process announced the run."""
    known = session.prepared
    if known is not None and _fits(known, session.plan.cut):
        return known
    return read_landed(session.lake, session.plan, raw)


def _marks(session: Session, raw: Manifest, bars: pl.DataFrame) -> Mapping[str, str]:
    """Mark the rows that evidence of these bars rests on; what is sealed is looked at by the gate.

    Bars beyond the seal are marked and not handed on.
    """
    plan = session.plan
    if plan.sealed_from is None:
        return take_marks(bars)

    def marks(path: Path) -> Mapping[str, str]:
        whole = read_whole(plan.spec.data, path, plan.original_name, seen_at=plan.cut)
        return take_marks(known_bars(whole, plan.as_of))

    return session.lake.mark(raw, raw.files[0].name, marks)


def known_bars(bars: pl.DataFrame, as_of: datetime | None) -> pl.DataFrame:
    """Leave out the bars that became public after a time; none without one."""
    return bars if as_of is None else bars.filter(pl.col("known_at") <= as_of)


def summary(bars: pl.DataFrame) -> dict[str, Any]:
    """Say which symbols and which period bars cover, and which columns have no value at all."""
    first, last = bars.select(pl.col("ts").min().alias("a"), pl.col("ts").max().alias("b")).row(0)
    return {
        "symbols": bars["symbol"].unique().sort().to_list(),
        "start": first.isoformat() if first else None,
        "end": last.isoformat() if last else None,
        "rows": bars.height,
        "empty": [name for name in bars.columns if bars[name].null_count() == bars.height],
    }


def read_landed(lake: Lake, plan: RunPlan, raw: Manifest) -> Prepared:
    """Make bars of the bytes that were landed, and leave out what is sealed."""
    reader = partial(
        read_open, plan.spec.data, plan.sealed_from,
        original_name=plan.original_name, seen_at=plan.cut,
    )  # fmt: skip
    return lake.refine(raw, raw.files[0].name, reader, up_to=plan.sealed_from)


def _fits(prepared: Prepared, cut: datetime | None) -> bool:
    """Whether a source was read with the bars left out that the plan leaves out."""
    if cut is not None:
        return prepared.seen_at == cut
    return not has_unfinished(prepared)
