"""Rules are held against figures; what is not known passes nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gate.policy import Rule, check
from gate.stages import PROMOTION, Stage

NUMBERS = st.floats(allow_nan=False)


def step(policy, **figures):
    return {c.figure: c.passed for c in check(policy.step(Stage.PAPER), figures)}


def test_every_rule_is_judged(policy):
    assert step(policy, sharpe_t=2.0, bars=1000.0) == {"sharpe_t": True, "bars": True}
    assert step(policy, sharpe_t=1.99, bars=1001.0) == {"sharpe_t": False, "bars": False}
    assert step(policy, sharpe_t=3.0, bars=499.0) == {"sharpe_t": True, "bars": False}


@pytest.mark.parametrize("unknown", [None, math.nan])
def test_what_is_not_known_passes_nothing(policy, unknown):
    assert step(policy, sharpe_t=unknown, bars=unknown) == {"sharpe_t": False, "bars": False}
    assert step(policy) == {"sharpe_t": False, "bars": False}


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_verdict_is_its_bounds(value, low, high):
    from gate.policy import Step

    rule = Rule(figure="x", meaning="m", at_least=_finite(low), at_most=_finite(high))
    (verdict,) = check(Step(approvals=1, rules=(rule,)), {"x": value})
    assert verdict.passed == (_finite(low) <= value <= _finite(high))


def _finite(number):
    return max(min(number, 1e300), -1e300)


def test_a_bound_reads_like_a_sentence(policy):
    assert [rule.bound for rule in policy.paper.rules] == [
        "at least 2", "at least 500 and at most 1000",
    ]  # fmt: skip


def test_a_rule_without_a_bound_is_no_rule():
    with pytest.raises(ValidationError, match="needs `at_least` or `at_most`"):
        Rule(figure="x", meaning="m")


def test_a_step_that_no_person_approves_is_no_step():
    from gate.policy import Step

    with pytest.raises(ValidationError):
        Step(approvals=0, rules=())


def test_stages_follow_each_other():
    assert PROMOTION == {Stage.PAPER: Stage.DRYRUN, Stage.LIVE: Stage.PAPER}
