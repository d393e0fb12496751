"""Aggregation: features made comparable across symbols, and series of the whole market."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tasks.aggregation import aggregate
from tasks.dag.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.dag.session import Session


class Aggregation(Stage):
    """Features at decision times, and the market series."""

    stage: ClassVar[str] = "aggregation"

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Aggregate as the spec says."""
        spec = session.plan.spec
        result = aggregate(
            session.frame("features", "features"),
            session.bars(),
            spec.aggregation,
            zone=spec.data.zone,
        )
        return {"features.parquet": result.features, "market.parquet": result.market}
