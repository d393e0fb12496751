"""Report: one HTML file that shows what was found and where each number came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from tasks.backtest.figures.regimes import by_regime
from tasks.backtest.task import Backtest
from tasks.dag.stage import RunTask, Stage
from tasks.detection.task import Detection
from tasks.report.inputs import ReportInputs
from tasks.report.page import render
from tasks.scheduler.page_link import PAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from tasks.dag.session import Session


class Report(Stage):
    """The page."""

    stage: ClassVar[str] = "report"
    needs: ClassVar[tuple[type[RunTask], ...]] = (Detection, Backtest)

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Collect the results of all stages and draw them."""
        plan = session.plan
        inputs = ReportInputs(
            spec=plan.spec,
            identity={
                "run": plan.run_id,
                "strategy": plan.strategy,
                "spec_hash": plan.spec_hash,
                "data_digest": plan.data_digest,
                "as_of": plan.as_of.isoformat() if plan.as_of else "all that is known",
            },
            bars=session.bars(),
            market=session.frame("aggregation", "market"),
            patterns=session.frame("detection", "patterns"),
            cards=session.frame("detection", "cards"),
            responses=session.frame("detection", "responses"),
            equity=session.frame("backtest", "equity"),
            positions=session.frame("backtest", "positions"),
            metrics=session.frame("backtest", "metrics"),
            ic=session.frame("signal", "ic"),
            by_year=session.frame("backtest", "by_year"),
            stress=session.frame("backtest", "stress"),
            regimes=by_regime(
                session.frame("backtest", "equity"),
                session.frame("detection", "patterns"),
                frequency=plan.spec.frequency,
                zone=plan.spec.data.zone,
            ),
            health=session.frame("ingest", "health"),
            reading=json.loads(session.lake.read(session.manifest("ingest"), "reading.json")),
            leak=json.loads(session.lake.read(session.manifest("signal"), "leak.json")),
            lineage=lineage(session),
            windows=_of_model(session, "windows"),
            importance=_of_model(session, "importance"),
        )
        return {PAGE: render(inputs).encode()}


def _of_model(session: Session, name: str) -> pl.DataFrame:
    """Read what only a model's signal has; empty for an expression."""
    import polars as pl

    if session.plan.spec.signal.model is None:
        return pl.DataFrame()
    return session.frame("signal", name)


def lineage(session: Session) -> list[dict[str, object]]:
    """List the stages before the report: key, inputs, code, and files with their digests."""
    return [
        {
            "stage": stage.name,
            "key": stage.key,
            "inputs": dict(stage.inputs),
            "code": stage.code,
            "files": [
                {"name": f.name, "rows": f.rows, "bytes": f.bytes, "sha256": f.sha256}
                for f in session.manifest(stage.name).files
            ],
        }
        for stage in session.plan.stages
        if stage.name != "report"
    ]
