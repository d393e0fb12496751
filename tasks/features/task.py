"""Features: the spec's expressions over its bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tasks.features import evaluate
from tasks.ingest.task import Ingest
from tasks.stage import RunTask, Stage
from taskspecs.expressions import sets

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.session import Session
    from taskspecs.schema import FeaturesSpec


class Features(Stage):
    """One column for each expression, one row for each bar."""

    stage: ClassVar[str] = "features"
    needs: ClassVar[tuple[type[RunTask], ...]] = (Ingest,)

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Evaluate all expressions at once."""
        bars = session.frame("ingest", "bars")
        return {"features.parquet": evaluate(bars, all_expressions(session.plan.spec.features))}


def all_expressions(spec: FeaturesSpec) -> dict[str, str]:
    """Return the expressions of the named sets and the spec's own, name to text."""
    expressions: dict[str, str] = {}
    for name in spec.sets:
        expressions |= sets.expand(name)
    return expressions | spec.define
