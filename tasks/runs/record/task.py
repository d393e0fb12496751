"""The last task of a run: its rows in the warehouse, its proposal on the ledger."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, ClassVar

import luigi

from gate.evidence import outcomes, trials
from gate.evidence.assembling import keep_evidence
from storage.feedback import feedback_rows
from storage.ledger.projection import project
from storage.open import open_warehouse
from storage.warehouse.features import load_features
from storage.warehouse.runs import run_of
from storage.warehouse.schema import WHOLE
from tasks.dag.outputs import COPIED
from tasks.dag.stage import RunTask
from tasks.report.task import Report
from tasks.runs.announcement import finished
from tasks.runs.record import rows
from tasks.runs.record.proposing import is_running, propose
from tasks.scheduler.page_link import PAGE

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager

    import polars as pl

    from storage.warehouse.port import Warehouse
    from tasks.dag.session import Session
    from tasks.scheduler.page import ShownTask

STAGE = "record"
RETURNS = "equity.parquet"
_FEATURES = ("features", "aggregation")
"""Stages whose features are loaded, under the stage's key: at every bar as they are; at the times
of decision as symbols are compared. Table ``lineage`` says which key is which."""


class Recorded(luigi.Target):
    """A run whose results are all there, and whose row in the warehouse names its report.

    That row is written last.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def exists(self) -> bool:
        """Whether the run was recorded."""
        session = self._session
        if not all(session.plan.done(session.lake).values()):
            return False
        path = session.manifest("report").file(PAGE).path
        with _warehouse(session) as warehouse:
            found = run_of(warehouse, session.plan.run_id)
        return found is not None and found["report"] == path


class Record(RunTask):
    """Loads are idempotent: a repeated load replaces the run's rows by the same rows."""

    stage: ClassVar[str] = "report"

    @classmethod
    def called_for(cls, inputs: Collection[str]) -> list[type[RunTask]]:  # noqa: ARG003
        """Return the report's task: with it, all is there that is recorded."""
        return [Report]

    def output(self) -> luigi.Target:
        """Return the run's row in the warehouse."""
        return Recorded(self.session)

    @property
    def turn(self) -> str:
        """The run in these stores: another run of the same report has rows of its own."""
        return f"{STAGE}-{self.run_id}-{self.stores}"

    @property
    def title(self) -> str:
        """What it makes."""
        return STAGE

    def work(self, session: Session, page: ShownTask) -> None:
        """Load all tables, make the proposal, and last load the row that says it is done."""
        page.stage_started(STAGE)
        began = time.perf_counter()
        loaded = _load(session)
        page.stage_done(STAGE, time.perf_counter() - began, loaded)


def _load(session: Session) -> int:
    """Load everything; return how many rows that were."""
    session.ledger.catch_up()  # what was sealed, approved or halted meanwhile counts from here on
    tables = _tables(session)
    run_row = tables.pop("runs")
    with _warehouse(session) as warehouse:
        for name, frame in tables.items():
            warehouse.replace(name, session.plan.run_id, frame)
        for stage in _FEATURES:
            load_features(
                warehouse, session.plan.stage(stage).key, session.frame(stage, "features")
            )
    ledger = session.ledger
    backtest = session.manifest("backtest")
    equity = session.frame("backtest", "equity")
    ended = finished(equity, backtest, RETURNS, run_id=session.plan.run_id)
    if ended.returns is not None:
        keep_evidence(ledger, session.lake, backtest, [ended.returns.name])
    outcomes.record_outcomes(ledger, [ended], actor="run")
    if session.plan.spec.gate.propose and not is_running(session, ledger):
        propose(session, ledger, road="run")
    with _warehouse(session) as warehouse:
        project(warehouse, ledger.entries())
        warehouse.replace("pattern_feedback", WHOLE, feedback_rows(ledger.entries()))
        warehouse.replace("runs", session.plan.run_id, run_row)
    return sum(frame.height for frame in tables.values())


def _warehouse(session: Session) -> AbstractContextManager[Warehouse]:
    return open_warehouse(session.settings, session.workspace, on_wait=session.reporter.waiting)


def _tables(session: Session) -> dict[str, pl.DataFrame]:
    plan = session.plan
    summary = json.loads(session.lake.read(session.manifest("ingest"), "summary.json"))
    report_path = session.manifest("report").file(PAGE).path
    tried = [e for e in session.ledger.entries(trials.KIND) if e.body["run_id"] == plan.run_id]
    return {
        **{
            output.table: session.frame(output.stage, output.stem)
            for output in COPIED
            if session.manifest(output.stage).has(output.file)
        },
        "artifacts": rows.artifact_rows(
            plan.run_id, (session.manifest(stage.name) for stage in plan.stages)
        ),
        "lineage": rows.lineage_rows(plan),
        "signals": rows.signal_rows(
            plan, session.frame("signal", "scores"), session.frame("backtest", "positions")
        ),
        "runs": rows.run_row(plan, summary, report_path, tried[0] if tried else None),
    }
