"""Report: one HTML file that shows what was found and where each number came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from tasks.backtest.figures.regimes import by_regime
from tasks.dag.outputs import SHOWN
from tasks.dag.stage import Stage
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
            regimes=by_regime(
                session.frame("backtest", "equity"),
                session.frame("detection", "patterns"),
                frequency=plan.spec.frequency,
                zone=plan.spec.data.zone,
            ),
            lineage=lineage(session),
            **_shown(session),
        )
        return {PAGE: render(inputs).encode()}


def _shown(session: Session) -> dict[str, Any]:
    """Read what the report shows of this run's files, by what it calls them."""
    found: dict[str, Any] = {}
    for name, output in SHOWN.items():
        stage = session.bars_stage if name == "bars" else output.stage
        if not session.manifest(stage).has(output.file):
            continue
        if output.columns:
            found[name] = session.frame(stage, output.stem)
        else:
            found[name] = json.loads(session.lake.read(session.manifest(stage), output.file))
    return found


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
