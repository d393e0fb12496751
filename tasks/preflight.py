"""What can be known to be wrong before anything is computed or written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput, did_you_mean, in_spec
from tasks.ingest import read
from tasks.ingest.sources import locate
from tasks.ingest.task import summary

if TYPE_CHECKING:
    from pathlib import Path

    from tasks.ingest import Ingested
    from tasks.plan import RunPlan
    from tasks.session import Session
    from taskspecs.schema import BacktestSpec


def check_runnable(session: Session) -> None:
    """Hold the spec against the data.

    Reading the source finds unknown symbols, periods without data and files that are no bars; what
    was read is kept for the run, so nothing is read twice.

    Raises
    ------
    BadInput
        Naming the key of the spec; nothing was written.
    """
    plan = session.plan
    if session.lake.exists(plan.stage("ingest").dataset):
        content = session.lake.read(session.manifest("ingest"), "summary.json")
        known: dict[str, Any] = json.loads(content)
    else:
        path = locate(plan.spec.data, session.workspace.root)
        session.prepared = _read(plan, path)
        known = summary(session.prepared.bars)
    check_backtest(plan.spec.backtest, known["symbols"])


def _read(plan: RunPlan, path: Path) -> Ingested:
    try:
        return read(plan.spec.data, path, original_name=plan.original_name)
    except BadInput as error:
        raise error if error.place else error.at(in_spec("data")) from None


def check_backtest(spec: BacktestSpec, symbols: list[str]) -> None:
    """Hold a backtest against the symbols of the data.

    Raises
    ------
    BadInput
        Naming the key: fewer symbols than ``topk``, a benchmark that is not among them.
    """
    if len(symbols) < spec.topk:
        raise BadInput(
            f"topk is {spec.topk}, but the data has {len(symbols)} symbols",
            place=in_spec("backtest.topk"),
            hint="lower topk, or take more symbols",
        )
    if spec.benchmark != "equal_weight" and spec.benchmark not in symbols:
        raise BadInput(
            f"the benchmark `{spec.benchmark}` is not among the symbols of the data",
            place=in_spec("backtest.benchmark"),
            hint=did_you_mean(spec.benchmark, ["equal_weight", *symbols]),
        )
