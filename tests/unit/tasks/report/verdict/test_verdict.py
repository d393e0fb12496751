"""The sentences follow the numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tasks.report.clock import Clock
from tasks.report.verdict.estimate import Estimate
from tasks.report.verdict.evidence import estimate_signal, gather
from tasks.report.verdict.verdict import compose

CLOCK = Clock("America/New_York")


def points(verdict) -> dict[str, object]:
    return {point.subject: point for point in verdict.points}


@pytest.fixture(scope="module")
def evidence(study):
    return gather(study)


def test_evidence_agrees_with_the_metrics(study, evidence):
    metrics = dict(study.metrics.select("name", "value").iter_rows())
    assert evidence.growth == pytest.approx(metrics["annual_return"])
    assert evidence.benchmark_growth == pytest.approx(metrics["benchmark_annual_return"])
    assert evidence.sharpe == pytest.approx((metrics["sharpe"], metrics["sharpe_standard_error"]))
    assert evidence.fall.depth == pytest.approx(metrics["max_drawdown"])
    assert evidence.turnover == pytest.approx(metrics["annual_turnover"])
    assert evidence.cost == pytest.approx(metrics["annual_cost"])
    ic, decisions = estimate_signal(study)
    assert ic.value / ic.error == pytest.approx(metrics["rank_ic_t"])
    assert decisions == metrics["rank_ic_decisions"]


def test_without_ic_metrics_the_frame_is_estimated(study):
    bare = replace(study, metrics=study.metrics.filter(~pl.col("name").str.contains("ic")))
    assert estimate_signal(bare)[0] == pytest.approx(estimate_signal(study)[0])


def test_a_small_excess_is_luck(evidence):
    verdict = compose(
        replace(evidence, excess=Estimate(0.01, 0.04)), Estimate(0.01, 0.02), 99, CLOCK, "SPY"
    )
    assert verdict.lead.endswith("The difference is not distinguishable from luck.")
    said = points(verdict)
    assert said["Excess return"].finding == "not distinguishable from luck"
    assert "the benchmark SPY" in said["Excess return"].text
    assert said["Signal"].finding == "not distinguishable from zero"


@pytest.mark.parametrize(("value", "side"), [(0.2, "above"), (-0.2, "below")])
def test_a_large_excess_is_not(evidence, value, side):
    strong = replace(evidence, excess=Estimate(value, 0.04))
    verdict = compose(strong, Estimate(value, 0.02), 99, CLOCK, "equal_weight")
    assert "luck" not in verdict.lead
    assert points(verdict)["Excess return"].finding == f"{side} the benchmark"
    assert "5.00 standard errors" in points(verdict)["Excess return"].text
    assert "in many trials it does" in points(verdict)["Excess return"].text


def test_a_short_period_stands_for_itself(study):
    short = replace(study, equity=study.equity.head(30))
    evidence = gather(short)
    assert not evidence.yearly
    whole = float(np.prod(1 + short.equity["net_return"].to_numpy())) - 1
    assert evidence.growth == pytest.approx(whole)
    assert evidence.cost == pytest.approx(short.equity["cost"].sum())
    assert "a year" not in compose(evidence, None, 0, CLOCK, "equal_weight").lead


def test_a_fall_that_lasts_says_so(evidence):
    open_end = replace(evidence, fall=replace(evidence.fall, recovered=None))
    verdict = compose(open_end, None, 0, CLOCK, "equal_weight")
    assert "not made good to the last bar" in points(verdict)["Worst fall"].text
    assert points(verdict)["Signal"].finding == "undefined"


def test_nothing_traded(evidence):
    assert "Nothing was traded" in compose(None, None, 0, CLOCK, "equal_weight").lead
    idle = compose(replace(evidence, traded=False), None, 0, CLOCK, "equal_weight")
    assert idle.lead.startswith("The strategy held nothing")
