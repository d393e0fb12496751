"""Resampling: the bars that a study works on, where they are coarser than its source's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tasks.dag.stage import Stage
from tasks.ingest.task import summary
from tasks.resampling import study_bars
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.dag.session import Session


class Resample(Stage):
    """Coarser bars; all that follows counts these. There is no such stage without them."""

    stage: ClassVar[str] = "resampling"

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Merge the source's bars."""
        bars = study_bars(session.frame("ingest", "bars"), session.plan.spec)
        return {
            "bars.parquet": bars,
            "summary.json": canonical_json(summary(bars)).encode(),
        }
