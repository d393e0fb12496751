"""What a look at the holdout prints, and that every figure of the gate has a unit."""

import polars as pl

from agent.cli.gate.holdout import describe
from configs.figures import unit_of
from gate.approval.mandate import draw_mandate
from gate.statistics.moments import Moments
from tasks.backtest.result import BacktestResult
from tasks.dag.plan import make_plan
from tasks.live.paper.divergence import Followed
from tasks.runs.record import rows
from taskspecs.schema import TaskSpec


def test_a_holdouts_sharpe_ratio_is_a_years():
    found = Moments(0.2263, 180, 0.1, 3.2)
    told = describe(found, {"figures": {"bars_a_year": 252.0}})
    assert told["sharpe"] == "3.59 a year"
    assert told["bars"] == "180 bars"
    assert describe(found, {})["sharpe"] == "0.2263 a bar"
    assert "do not vary" in describe(None, {})["sharpe"]


def test_every_figure_of_evidence_and_of_paper_has_a_unit():
    spec = TaskSpec.model_validate({"name": "a", "signal": {"expression": "$close"}})
    metrics = pl.DataFrame({"name": ["sharpe"], "value": [1.0]})
    health = pl.DataFrame({"action": ["refused"], "count": [0]})
    plan = make_plan(spec, data_digest="d" * 64, original_name="x.csv")
    evidence = rows.evidence(
        metrics, health, {"clean": True}, plan, {},
        bars_a_year=252.0, mandate=draw_mandate(["A"], 1.0, topk=1),
    )  # fmt: skip
    account = BacktestResult(pl.DataFrame({"drawdown": [-0.1]}), *[pl.DataFrame()] * 4)
    paper = {*Followed(account, *[0.0] * 6).figures(), "stale_hours", "future_bars"}
    assert [name for name in {*evidence["figures"], *paper} if not unit_of(name)] == []
