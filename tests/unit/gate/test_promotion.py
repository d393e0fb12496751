"""Nothing is promoted; what is missing is said, and the request is on the ledger."""

from __future__ import annotations

import pytest

from configs.errors import BadInput, Forbidden
from gate.deciding.promotion import find, promote, unmet
from gate.deciding.requests import request_promotion
from gate.policy import check
from gate.stages import Stage
from gate.strategies import strategies


def test_a_strategy_is_found_by_name_by_full_name_and_by_run(desk):
    desk.proposes("r1", "a@1")
    desk.proposes("r2", "b@2")
    for name in ("a", "a@1", "r1"):
        assert find(desk.ledger, name).strategy == "a@1"


def test_an_ambiguous_name_is_refused_with_all_it_may_be(desk):
    desk.proposes("r1", "a@1")
    desk.proposes("r2", "a@2")
    with pytest.raises(BadInput, match="`a` may be any of a@2, a@1"):
        find(desk.ledger, "a")
    assert find(desk.ledger, "a@2").run_id == "r2"


def test_an_unknown_name_has_near_matches(desk):
    with pytest.raises(BadInput) as nothing:
        find(desk.ledger, "momentum")
    assert nothing.value.hint is None
    desk.proposes("r1", "momentum@1")
    for name in ("momentun", "momentun@1"):
        with pytest.raises(BadInput, match="did you mean 'momentum'"):
            find(desk.ledger, name)


def test_perfect_evidence_still_lacks_a_person(desk, policy):
    desk.proposes("r1")
    with pytest.raises(Forbidden) as refused:
        promote(desk.ledger, policy, "study", to=Stage.PAPER)
    assert refused.value.exit_code == 3
    assert refused.value.hint.count("missing:") == 1
    assert "approval by 1 person" in refused.value.hint


def test_each_rule_that_fails_is_named_with_its_figure(desk, policy):
    desk.proposes("r1", figures={"sharpe_t": 1.234567, "bars": None})
    with pytest.raises(Forbidden) as refused:
        promote(desk.ledger, policy, "study", to=Stage.PAPER)
    assert "sharpe_t is 1.235, must be at least 2" in refused.value.hint
    assert "bars is not known, must be at least 500 and at most 1000" in refused.value.hint


def test_no_stage_is_skipped(desk, policy):
    desk.proposes("r1")
    with pytest.raises(Forbidden, match="is at dryrun; live follows paper"):
        promote(desk.ledger, policy, "study", to=Stage.LIVE)


def test_what_is_unmet_is_a_sentence(policy):
    checks = check(policy.step(Stage.LIVE), {"paper_bars": 61.0})
    assert unmet(checks, approvals=2) == [
        "approval by 2 people (no key is listed, so none can count)"
    ]


def test_a_refusal_is_on_the_ledger_with_its_reason(desk, policy):
    desk.proposes("r1", figures={"sharpe_t": 1.0, "bars": 800.0})
    with pytest.raises(Forbidden):
        request_promotion(
            desk.ledger, policy, "study", to=Stage.PAPER, reason=" looks nice ", actor="ann"
        )
    entry = desk.ledger.entries("check")[-1]
    assert entry.actor == "ann"
    assert entry.body["reason"] == "looks nice"
    assert (entry.body["to"], entry.body["verdict"]) == ("paper", "refused")
    assert entry.body["because"][0].startswith("the Sharpe ratio is real (sharpe_t is 1")
    assert strategies(desk.ledger.entries())[0].stage is Stage.DRYRUN


def test_a_request_without_a_reason_or_a_strategy_is_not_on_the_ledger(desk, policy):
    desk.proposes("r1")
    for name, reason in (("study", "  "), ("other", "because")):
        with pytest.raises(BadInput):
            request_promotion(desk.ledger, policy, name, to=Stage.PAPER, reason=reason, actor="ann")
    assert desk.kinds == ["proposal"]
