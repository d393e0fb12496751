"""Backtest: what trading the signal would have brought, judged by qlib."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tasks.backtest import stress_backtest
from tasks.backtest.traded import trade
from tasks.dag.stage import Stage
from tasks.signal import label_overlap
from tasks.signal.chain import Signalled

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.dag.session import Session


class Backtest(Stage):
    """Equity, positions and metrics, after costs."""

    stage: ClassVar[str] = "backtest"

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Trade the scores as the spec says."""
        spec = session.plan.spec
        bars, scores = session.bars(), session.frame("signal", "scores")
        acting = bool(spec.backtest.reactions)
        # All alarms, not the patterns: which of them are kept is judged with the future in view.
        patterns = session.frame("detection", "alarms") if acting else None
        overlap = label_overlap(spec.signal.label, scores, bars)
        result = trade(
            bars, Signalled(scores, session.frame("signal", "ic"), overlap), spec,
            alarms=patterns, on_progress=partial(session.reporter.stage_progress, self.stage),
        )  # fmt: skip
        return {
            "equity.parquet": result.equity,
            "positions.parquet": result.positions,
            "trades.parquet": result.trades,
            "metrics.parquet": result.metrics,
            "by_year.parquet": result.by_year,
            "stress.parquet": stress_backtest(
                bars, scores, spec.backtest, result,
                frequency=spec.frequency, zone=spec.data.zone, patterns=patterns,
            ),
        }  # fmt: skip
