"""A check gives figure, threshold, verdict, and what would have to be true."""

from __future__ import annotations

import math

import pytest
from gate.checks.evidence import Digests, Evidence
from gate.checks.table import CHECKS

DIGESTS = Digests("s", "c", "d", "e")


def evidence(**figures: float | None) -> Evidence:
    return Evidence("a@1", "r1", DIGESTS, figures=figures)


@pytest.mark.parametrize(
    ("name", "figure", "threshold", "good", "bad"),
    [
        ("leak", "leak_clean", 1, 1.0, 0.0),
        ("data_health", "health_refused", 0, 0.0, 3.0),
        ("costs", "cost_bps_round_trip", 1, 24.0, 0.0),
        ("bars", "bars", 500, 500.0, 499.0),
        ("drawdown", "max_drawdown", -0.4, -0.4, -0.41),
    ],
)
def test_a_submitted_figure_is_held_against_its_threshold(name, figure, threshold, good, bad):
    passed = CHECKS[name].evaluate(evidence(**{figure: good}), threshold)
    assert (passed.passed, passed.figure, passed.needed) == (True, good, "")
    failed = CHECKS[name].evaluate(evidence(**{figure: bad}), threshold)
    assert not failed.passed
    assert failed.needed.startswith(f"{name} must be {CHECKS[name].bound} {threshold:g}")


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["leak", "data_health", "bars"])
def test_a_figure_that_is_missing_or_no_number_passes_nothing(name, missing):
    figures = {key: missing for key in ("leak_clean", "health_refused", "bars")}
    verdict = CHECKS[name].evaluate(evidence(**figures), -1e9)
    assert (verdict.passed, verdict.figure) == (False, None)
    assert "is not known" in verdict.needed


def test_advice_is_said_as_such():
    assert CHECKS["bars"].evaluate(evidence(bars=1.0), 500, advice=True).advice


def test_each_check_is_in_the_table_under_its_name():
    assert all(name == check.name and check.meaning and check.remedy
               for name, check in CHECKS.items())  # fmt: skip
