"""Features: the spec's expressions over its bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tasks.features import evaluate
from tasks.ingest.task import Ingest
from tasks.stage import RunTask, Stage
from taskspecs.features import all_expressions

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.session import Session


class Features(Stage):
    """One column for each expression, one row for each bar."""

    stage: ClassVar[str] = "features"
    needs: ClassVar[tuple[type[RunTask], ...]] = (Ingest,)

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Evaluate all expressions at once."""
        bars = session.frame("ingest", "bars")
        return {"features.parquet": evaluate(bars, all_expressions(session.plan.spec.features))}
