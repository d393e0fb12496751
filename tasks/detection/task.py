"""Detection: patterns in features and market series."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tasks.aggregation.task import Aggregation
from tasks.detection import detect, watched
from tasks.features import evaluate
from tasks.stage import RunTask, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.session import Session


class Detection(Stage):
    """The patterns that the spec's detectors found, and the scores of those that score."""

    stage: ClassVar[str] = "detection"
    needs: ClassVar[tuple[type[RunTask], ...]] = (Aggregation,)

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Evaluate what is watched, then stream it through the detectors."""
        detectors = session.plan.spec.detection
        wanted = watched(detectors)
        bars = session.frame("ingest", "bars").join(
            session.frame("features", "features"), on=["symbol", "ts"], how="left",
            maintain_order="left",
        )  # fmt: skip
        market = as_one_symbol(session.frame("aggregation", "market"))
        result = detect(
            evaluate(bars, wanted["symbol"]),
            evaluate(market, wanted["market"]),
            detectors,
            progress=partial(session.reporter.stage_progress, self.stage),
        )
        return {"patterns.parquet": result.patterns, "scores.parquet": result.scores}


def as_one_symbol(market: pl.DataFrame) -> pl.DataFrame:
    """Give market series the shape of bars, so that expressions can be evaluated over them."""
    import polars as pl

    return market.select(pl.lit("").alias("symbol"), pl.all())
