"""Backtest: what trading the signal would have brought, judged by qlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tasks.backtest import by_year, run_backtest
from tasks.signal.task import Signal
from tasks.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.session import Session


class Backtest(Stage):
    """Equity, positions and metrics, after costs."""

    stage: ClassVar[str] = "backtest"
    needs: ClassVar[tuple[type[Stage], ...]] = (Signal,)

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Trade the scores as the spec says."""
        spec = session.plan.spec
        result = run_backtest(
            session.frame("ingest", "bars"),
            session.frame("signal", "scores"),
            spec.backtest,
            frequency=spec.data.frequency,
            zone=spec.data.zone,
        )
        return {
            "equity.parquet": result.equity,
            "positions.parquet": result.positions,
            "metrics.parquet": result.metrics,
            "by_year.parquet": by_year(result.equity),
        }
