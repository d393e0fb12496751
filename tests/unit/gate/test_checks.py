"""A check gives figure, threshold, verdict, and what would have to be true."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from gate.checks.evidence import Digests, Evidence, Family, Holdout
from gate.checks.table import CHECKS
from gate.statistics.moments import moments

DIGESTS = Digests("s", "c", "d", "e")


def evidence(**figures: float | None) -> Evidence:
    return Evidence("a@1", "r1", DIGESTS, figures=figures)


@pytest.mark.parametrize(
    ("name", "figure", "threshold", "good", "bad", "needed"),
    [
        ("leak", "leak_clean", 1, 1.0, 0.0, "leak must be yes, and is no: "),
        ("data_health", "health_refused", 0, 0.0, 3.0,
         "data_health must be at most 0 rows, and is 3: "),
        ("costs", "cost_bps_round_trip", 1, 24.0, 0.0,
         "costs must be at least 1 bps a round trip, and is 0: "),
        ("bars", "bars", 500, 500.0, 499.0, "bars must be at least 500 bars, and is 499: "),
        ("drawdown", "max_drawdown", -0.4, -0.4, -0.41,
         "drawdown must be at least −40% of the peak, and is −41.0%: "),
        ("paper_bars", "paper_bars", 60, 60.0, 2.0,
         "paper_bars must be at least 60 bars, and is 2: "),
        ("paper_divergence", "divergence", 0.02, 0.02, 0.03,
         "paper_divergence must be at most 2% of the account, and is 3.00%: "),
    ],
)  # fmt: skip
def test_a_figure_is_held_against_its_threshold(  # noqa: PLR0917
    name, figure, threshold, good, bad, needed
):
    passed = CHECKS[name].evaluate(evidence(**{figure: good}), threshold)
    assert (passed.passed, passed.figure, passed.needed) == (True, good, "")
    assert passed.note == "", "a figure that is there is not said to be missing"
    failed = CHECKS[name].evaluate(evidence(**{figure: bad}), threshold)
    assert not failed.passed
    assert failed.needed.startswith(needed)


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["leak", "data_health", "bars"])
def test_a_figure_that_is_missing_or_no_number_passes_nothing(name, missing):
    figures = dict.fromkeys(("leak_clean", "health_refused", "bars"), missing)
    verdict = CHECKS[name].evaluate(evidence(**figures), -1e9)
    assert (verdict.passed, verdict.figure) == (False, None)
    assert "is not known" in verdict.needed


@pytest.mark.parametrize("name", CHECKS)
def test_why_a_figure_is_missing_is_said_where_it_is_missing(name):
    figures = {
        "leak_clean", "health_refused", "cost_bps_round_trip", "bars", "max_drawdown",
        "paper_bars", "divergence", "drawdown",
    }  # fmt: skip
    whole = replace(
        searched(series(0)), figures=dict.fromkeys(figures, 1.0), calibration=(),
        stress=tuple(
            {"scenario": each, "sharpe": 1.0, "meaning": "harder"}
            for each in ("costs_x2", "one_bar_later")
        ),
        holdout=Holdout(
            "s", date(2026, 1, 1), looks=1, family_looks=1, seen=True,
            found=moments(series(1)[:, 0]),
        ),
    )  # fmt: skip
    there, missing = (CHECKS[name].evaluate(e, 1.0) for e in (whole, evidence()))
    assert there.figure is not None
    assert (missing.figure is None) or name == "calibration"
    if missing.figure is None:
        assert missing.note
        assert there.note != missing.note


def test_advice_is_said_as_such():
    assert CHECKS["bars"].evaluate(evidence(bars=1.0), 500, advice=True).advice


def test_each_check_is_in_the_table_under_its_name():
    assert all(name == check.name and check.meaning and check.remedy
               for name, check in CHECKS.items())  # fmt: skip


def series(seed: int, trials: int = 20, mean: float = 0.0, bars: int = 600) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 0.01, (bars, trials))


def searched(returns: np.ndarray, *, trials: int | None = None, candidate: int = 0, **more: Any):
    """Return the evidence of a strategy that was chosen from a family of these returns."""
    family = Family(
        "f",
        trials or returns.shape[1],
        {},
        returns.mean(axis=0) / returns.std(axis=0, ddof=1),
        returns,
        candidate,
    )
    return Evidence(
        "a@1", "r1", DIGESTS, returns=returns[:, candidate],
        benchmark=np.zeros(len(returns)), family=family, **more,
    )  # fmt: skip


LUCK = {"probabilistic_sharpe": 0.95, "track_record": 1, "deflated_sharpe": 0.95,
        "superior_ability": 0.05}  # fmt: skip


def passed(evidence_: Evidence) -> dict[str, bool]:
    return {name: CHECKS[name].evaluate(evidence_, bound).passed for name, bound in LUCK.items()}


def test_the_best_of_noise_looks_good_alone_and_not_among_all_that_was_tried():
    noise = series(3, trials=100)
    best = int((noise.mean(axis=0) / noise.std(axis=0)).argmax())
    assert passed(searched(noise, candidate=best)) == {
        "probabilistic_sharpe": True, "track_record": True,
        "deflated_sharpe": False, "superior_ability": False,
    }  # fmt: skip


def test_skill_passes_them_all():
    skilled = series(1)
    skilled[:, 0] += 0.004
    assert all(passed(searched(skilled)).values())
    advice = CHECKS["overfitting"].evaluate(searched(skilled), 0.5)
    assert (advice.passed, advice.advice, advice.figure) == (True, True, 0.0)


def test_returns_that_are_missing_pass_nothing():
    bare = Evidence("a@1", "r1", DIGESTS)
    assert not any(passed(bare).values())
    assert not CHECKS["overfitting"].evaluate(bare, 1.0).passed


def test_benchmark_and_family_on_other_bars_are_not_compared():
    odd = searched(series(0))
    verdict = CHECKS["superior_ability"].evaluate(replace(odd, benchmark=np.zeros(3)), 1.0)
    assert verdict.figure is None


def test_stress_is_read_from_its_scenario():
    rows = ({"scenario": "costs_x2", "sharpe": 0.3, "meaning": "twice the costs"},)
    assert CHECKS["cost_stress"].evaluate(evidence_of(stress=rows), 0).passed
    missing = CHECKS["delay_stress"].evaluate(evidence_of(stress=rows), 0)
    assert "no scenario `one_bar_later`" in missing.needed


def evidence_of(**more: Any) -> Evidence:
    return Evidence("a@1", "r1", DIGESTS, **more)


@pytest.mark.parametrize(
    ("holdout", "told"),
    [
        (Holdout(), "name a day or a share under `holdout`"),
        (Holdout("sample", date(2012, 1, 1)), "not opened yet"),
        (Holdout("sample", date(2012, 1, 1), 1, 1, seen=True), "no returns that vary"),
    ],
)
def test_without_a_look_the_holdout_says_what_to_do(holdout, told):
    verdict = CHECKS["holdout"].evaluate(evidence_of(holdout=holdout), 0.0)
    assert not verdict.passed
    assert told in verdict.needed


def test_each_further_look_makes_it_harder():
    seen = moments(series(5, trials=1, mean=0.0012, bars=250)[:, 0])
    figures = [
        CHECKS["holdout"]
        .evaluate(
            evidence_of(holdout=Holdout("s", date(2012, 1, 1), 1, looks, seen=True, found=seen)),
            0.9,
        )
        .figure
        for looks in (1, 2, 3, 1000)
    ]
    assert figures == sorted(figures, reverse=True)
    assert figures[-1] == 0.0


def test_trials_that_had_seen_the_holdout_are_counted_as_advice():
    tainted = evidence_of(holdout=Holdout("s", date(2012, 1, 1), contaminated=4))
    verdict = CHECKS["contamination"].evaluate(tainted, 0)
    assert (verdict.figure, verdict.passed, verdict.advice) == (4.0, False, True)


@pytest.mark.parametrize(
    ("cards", "figure", "told"),
    [
        (None, None, "no calibration cards"),
        ((), 0.0, "no detector watches"),
        (({"detector": "adwin", "false_alarms_per_1000_upper": 1.5},
          {"detector": "kswin", "false_alarms_per_1000_upper": 7.0}), 7.0, "kswin"),
        (({"detector": "adwin", "false_alarms_per_1000_upper": None},), None, "too few bars"),
    ],
)  # fmt: skip
def test_the_worst_detector_speaks_for_all(cards, figure, told):
    verdict = CHECKS["calibration"].evaluate(evidence_of(calibration=cards), 5)
    assert verdict.figure == figure
    assert told in verdict.note
    assert verdict.passed is (figure == 0.0)
