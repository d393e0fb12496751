"""Every figure that the gate shows has a unit."""

import polars as pl

from gate.statistics.moments import Moments
from gate.units import UNITS, describe_moments, with_unit
from gate.watch import WATCHED
from tasks.backtest.result import BacktestResult
from tasks.paper.divergence import Followed
from tasks.plan import make_plan
from tasks.record import rows
from taskspecs.schema import TaskSpec


def test_every_watched_figure_has_a_unit():
    assert set(WATCHED) <= set(UNITS)


def test_every_figure_of_evidence_and_of_paper_has_a_unit():
    spec = TaskSpec.model_validate({"name": "a", "signal": {"expression": "$close"}})
    metrics = pl.DataFrame({"name": ["sharpe"], "value": [1.0]})
    health = pl.DataFrame({"action": ["refused"], "count": [0]})
    plan = make_plan(spec, data_digest="d" * 64, original_name="x.csv")
    evidence = rows.evidence(metrics, health, {"clean": True}, plan, {}, bars_a_year=252.0)
    assert set(evidence["figures"]) <= set(UNITS)
    nothing = pl.DataFrame()
    account = BacktestResult(pl.DataFrame({"drawdown": [-0.1]}), *[nothing] * 4)
    assert set(Followed(account, *[0.0] * 6).figures()) <= set(UNITS)


def test_a_holdouts_sharpe_ratio_is_a_years():
    found = Moments(0.2263, 180, 0.1, 3.2)
    told = describe_moments(found, {"figures": {"bars_a_year": 252.0}})
    assert told["sharpe"] == "3.59 a year"
    assert describe_moments(found, {})["sharpe"] == "0.2263 a bar"
    assert "do not vary" in describe_moments(None, {})["sharpe"]
    assert with_unit("paper_bars", 60.0) == "60 bars"
