"""Trials before results, proposals once, strategies as a fold over both."""

from __future__ import annotations

from gate.policy.stages import Stage
from gate.strategies.strategies import strategies


def listed(office):
    return strategies(office.ledger.entries(), office.policy)


def test_a_trial_repeated_is_one_trial(office):
    office.tries("r1")
    office.tries("r1")
    office.tries("r2")
    assert office.kinds == ["trial", "trial"]


def test_the_same_evidence_is_proposed_once_and_other_evidence_anew(office):
    assert office.proposes("r1")
    assert not office.proposes("r1")
    assert office.proposes("r1", figures={"sharpe_t": 2.6})
    assert office.kinds == ["proposal", "proposal"]


def test_the_newest_evidence_counts_and_the_newest_strategy_comes_first(office):
    office.proposes("r1", "a@1", figures={"x": 1.0})
    office.proposes("r2", "b@2")
    office.proposes("r3", "a@1", figures={"x": 2.0})
    first, second = listed(office)
    assert (first.strategy, first.run_id, first.figures, first.proposals) == (
        "a@1", "r3", {"x": 2.0}, 2,
    )  # fmt: skip
    assert (second.strategy, second.proposals) == ("b@2", 1)
    assert first.stage is Stage.DRYRUN
    assert first.name == "a"
    assert first.proposed > second.proposed


def test_all_trials_on_the_same_data_are_counted_together(office):
    office.tries("r1", "a@1", family="sample:1")
    office.tries("r2", "b@2", family="sample:1")  # tried, and never proposed
    office.tries("r3", "c@3", family="file:9")
    office.proposes("r1", "a@1")
    office.proposes("r3", "c@3")
    counts = {s.strategy: s.trials_in_family for s in listed(office)}
    assert counts == {"a@1": 2, "c@3": 1}


def test_evidence_without_figures_has_none(office):
    office.proposes("r1", figures={})
    (strategy,) = listed(office)
    assert strategy.figures == {}


def test_an_empty_ledger_knows_no_strategy(office):
    assert listed(office) == []
