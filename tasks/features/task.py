"""Features: the spec's expressions over its bars, batch by batch, or only what is new."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from configs.errors import Damaged, Forbidden
from storage.lake.manifest import DatasetId
from storage.lake.stream import FrameStream
from storage.telemetry.lines import record
from tasks.dag.stage import Stage
from tasks.features import stream
from tasks.features.missing import refuse_missing
from taskspecs.features import all_expressions
from taskspecs.identity import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import polars as pl

    from storage.lake.lake import Content
    from storage.lake.manifest import Manifest
    from tasks.dag.session import Session

FILE = "features.parquet"
BARS = "bars.parquet"

TRIED = 3
"""Earlier results that are compared with the present bars before all is computed."""


class Earlier(NamedTuple):
    """A result that this one goes on from."""

    key: str
    features: pl.LazyFrame
    after: date


class Features(Stage):
    """One column for each expression, one row for each bar."""

    stage: ClassVar[str] = "features"

    def compute(self, session: Session) -> Mapping[str, Content]:
        """Evaluate all expressions while what is done is written."""
        return {FILE: FrameStream(self._batches(session))}

    def _batches(self, session: Session) -> Iterator[pl.DataFrame]:

        expressions = all_expressions(session.plan.spec.features)
        manifest = session.manifest(session.bars_stage)
        rows = manifest.file(BARS).rows or 0
        with ExitStack() as files:
            bars = session.scan_bars(files)
            refuse_missing(session.plan.spec.features, bars.collect_schema().names())
            self._warm(session, bars, expressions)
            earlier = find_earlier(session, bars, expressions, files)
            done = 0
            for batch in _compute(bars, expressions, earlier):
                done += batch.height
                session.reporter.stage_progress(self.stage, done / max(rows, 1))
                yield batch
            self._tell(session, bars, earlier, rows)

    def _warm(self, session: Session, bars: pl.LazyFrame, expressions: Mapping[str, str]) -> None:
        """Get the kernels ready; say so where they are compiled, as they are once on a machine."""
        from tasks.features.warming import warm

        def say() -> None:
            session.reporter.stage_note(self.stage, "compiling kernels, once on this machine")

        warmth = warm(bars.collect_schema(), expressions, on_cold=say)
        if warmth.compiled:
            text = f"compiled {warmth.compiled} kernels in {warmth.seconds:.1f} s"
            session.reporter.stage_note(self.stage, text)
        record(
            session.workspace, "kernels", run_id=self.run_id, compiled=warmth.compiled,
            seconds=round(warmth.seconds, 3),
        )  # fmt: skip

    def _tell(
        self, session: Session, bars: pl.LazyFrame, earlier: Earlier | None, rows: int
    ) -> None:
        """Say how much was computed."""
        import polars as pl

        computed = rows
        if earlier:
            new = bars.filter(pl.col("ts") > earlier.after).select(pl.len())
            computed = new.collect(engine="streaming").item()
            text = f"{computed:,} new rows computed, {rows - computed:,} taken over"
            session.reporter.stage_note(self.stage, f"{text} from {earlier.key[:SHORT]}")
        record(
            session.workspace, "features", study=self.study, run_id=self.run_id, key=self.key,
            rows=rows, computed=computed, goes_on_from=earlier.key if earlier else None,
        )  # fmt: skip


def _compute(
    bars: pl.LazyFrame, expressions: Mapping[str, str], earlier: Earlier | None
) -> Iterator[pl.DataFrame]:
    from tasks.features.appended import go_on

    if earlier is None:
        return stream(bars, expressions)
    return go_on(bars, expressions, earlier.features, after=earlier.after)


def find_earlier(
    session: Session, bars: pl.LazyFrame, expressions: Mapping[str, str], files: ExitStack
) -> Earlier | None:
    """Find a result of the same section and code whose bars are the beginning of the present ones.

    Parameters
    ----------
    session
        The run.
    bars
        Its bars.
    expressions
        Its features.
    files
        Closes what the result is read from.

    Returns
    -------
    Earlier or None
        The latest there is; None where history was revised, or nothing was computed before.

    Notes
    -----
    Look-ahead: none of a value; see :func:`tasks.features.appended.begin_with`.
    """
    import polars as pl

    from tasks.features.appended import begin_with, last_time
    from tasks.features.study import prepare

    fields = prepare(bars, expressions, allow_lookahead=False).fields
    lake = session.lake
    for features, ingest in _candidates(session)[:TRIED]:
        try:
            before = pl.scan_parquet(files.enter_context(lake.open_file(ingest, BARS)))
            after = last_time(before)
            if after is not None and begin_with(bars, before, fields):
                path = files.enter_context(lake.open_file(features, FILE))
                return Earlier(features.dataset.key, pl.scan_parquet(path), after)
        except (Damaged, Forbidden):
            continue  # nothing is taken over from what is not as it was committed, or was sealed
    return None


def _candidates(session: Session) -> list[tuple[Manifest, Manifest]]:
    """List results of the same section and code with their bars, those of the latest bars first."""
    planned, lake, made_by = session.plan.stage(Features.stage), session.lake, session.bars_stage
    found: list[tuple[str, Manifest, Manifest]] = []
    for manifest in lake.manifests(f"{planned.dataset.zone}/{planned.dataset.stage}"):
        same = manifest.section == planned.section and manifest.code == planned.code
        if not same or manifest.inputs.keys() != planned.inputs.keys():
            continue  # coarser bars count among the inputs
        ingest = DatasetId("refined", made_by, manifest.inputs[made_by])
        if manifest.dataset != planned.dataset and lake.exists(ingest):
            bars = lake.manifest(ingest)
            end = json.loads(lake.read(bars, "summary.json"))["end"]
            found.append((end or "", manifest, bars))
    ordered = sorted(found, key=lambda each: each[0], reverse=True)
    return [(features, bars) for _, features, bars in ordered]
