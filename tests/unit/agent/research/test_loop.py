"""The loop against a market that is made up: budget, memory, progress, and kills at every line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import pytest

from agent.research.ideas.likeness import fingerprint
from agent.research.journal import Journal
from agent.research.loop import PATIENCE, search
from agent.research.rules import RULES, vary
from agent.research.steps import read_study, steps_of
from configs.errors import BadInput, Damaged
from tests.conftest import REPOSITORY

BASE = {
    "name": "idea",
    "features": {"define": {"momentum": "$close / Ref($close, 60) - 1"}},
    "signal": {"expression": "$momentum"},
}


def worth(spec):
    """A Sharpe ratio that depends on what the study computes, and on nothing else."""
    return int(fingerprint(spec)[:6], 16) / 0xFFFFFF


def result(spec, sharpe=None):
    metrics = {"sharpe": worth(spec) if sharpe is None else sharpe}
    return SimpleNamespace(
        run_id=fingerprint(spec)[:12], strategy=spec.name, metrics=metrics, refusal=""
    )


def test_the_budget_is_kept_and_a_larger_one_goes_on(tmp_path):
    path = tmp_path / "a.jsonl"
    calls = []

    def try_(spec):
        calls.append(fingerprint(spec))
        return result(spec)

    assert "budget of 3" in search(BASE, Journal(path), try_, known={}, budget_runs=3)
    assert "budget of 5" in search(BASE, Journal(path), try_, known={}, budget_runs=5)
    assert len(calls) == len(set(calls)) == 5
    assert [step.number for step in steps_of(Journal(path))] == list(range(5))


def test_without_progress_it_ends(tmp_path):
    journal = Journal(tmp_path / "a.jsonl")
    why = search(BASE, journal, lambda spec: result(spec, 0.0), known={}, budget_runs=100)
    assert f"none of the last {PATIENCE}" in why
    assert len(steps_of(journal)) == PATIENCE + 1


def test_a_study_that_cannot_be_traded_has_no_variants(tmp_path):
    def refused(spec):
        return SimpleNamespace(run_id="r", strategy="s", metrics={}, refusal="no signal")

    journal = Journal(tmp_path / "a.jsonl")
    assert "every variant" in search(BASE, journal, refused, known={}, budget_runs=9)
    assert len(steps_of(journal)) == 1


def test_what_was_rejected_before_is_passed_over_and_said_so(tmp_path):
    spec = read_study(BASE)
    first = next(vary(BASE, spec))
    known = {fingerprint(read_study(first.document)): "rejection of idea@1"}
    journal = Journal(tmp_path / "a.jsonl")
    search(BASE, journal, result, known=known, budget_runs=6)
    assert not {step.idea for step in steps_of(journal)} & set(known)
    (line,) = journal.of("passed over")
    assert line["because"] == "rejection of idea@1"
    assert line["hypothesis"] == first.hypothesis


def test_a_rule_that_helped_comes_before_one_that_did_not(tmp_path):
    def slow_is_good(spec):
        return result(spec, {"week": 1.0, "month": 2.0}.get(spec.aggregation.every, 0.0))

    journal = Journal(tmp_path / "a.jsonl")
    search(BASE, journal, slow_is_good, known={}, budget_runs=4)
    assert [s.rule for s in steps_of(journal)] == ["question", "horizon", "rhythm", "breadth"]
    search(BASE, journal, slow_is_good, known={}, budget_runs=len(RULES) + 2)
    assert steps_of(journal)[-1].rule == "rhythm"
    assert steps_of(journal)[-1].document["aggregation"]["every"] == "month"


def test_every_rule_makes_a_study_that_is_valid_and_another_idea():
    spec = read_study(BASE)
    variants = list(vary(BASE, spec))
    assert {variant.rule for variant in variants} == set(RULES)
    ideas = {fingerprint(read_study(variant.document)) for variant in variants}
    assert len(ideas | {fingerprint(spec)}) == len(variants) + 1
    assert BASE["signal"] == {"expression": "$momentum"}


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "other", "description": "words"},
        {
            "features": {"define": {"m": "($close/Ref($close,60))-1"}},
            "signal": {"expression": "$m"},
        },
        {"features": {"define": {**BASE["features"]["define"], "unread": "$open"}}},
        {"signal": {"expression": "3 * $momentum"}},
        {"detection": [{"detector": "adwin", "watch": "$volume"}]},
    ],
)
def test_the_same_idea_under_other_words_is_recognised(changed):
    assert fingerprint(read_study(BASE | changed)) == fingerprint(read_study(BASE))


@pytest.mark.parametrize(
    "changed",
    [
        {"signal": {"expression": "-$momentum"}},
        {"signal": {"expression": "0 * $momentum"}},
        {"features": {"define": {"momentum": "$close / Ref($close, 61) - 1"}}},
        {"backtest": {"topk": 3}},
        {"data": {"source": "sample", "start": "2005-01-01"}},
    ],
)
def test_another_idea_is_another(changed):
    assert fingerprint(read_study(BASE | changed)) != fingerprint(read_study(BASE))


def test_where_the_size_of_a_score_counts_a_multiple_is_another_idea():
    weights = {"backtest": {"strategy": "weights", "weighting": "proportional"}}
    twice = BASE | weights | {"signal": {"expression": "2 * $momentum"}}
    assert fingerprint(read_study(twice)) != fingerprint(read_study(BASE | weights))


def test_killed_after_any_line_or_within_it_the_journal_leads_to_the_same_end(tmp_path):
    whole = Journal(tmp_path / "whole.jsonl")
    search(BASE, whole, result, known={}, budget_runs=8)
    raw = (tmp_path / "whole.jsonl").read_bytes()
    ends = [place + 1 for place, byte in enumerate(raw) if byte == 10]
    for number, end in enumerate((0, *ends[:-1])):
        for cut in (end, end + 7):
            path = tmp_path / f"{number}-{cut}.jsonl"
            path.write_bytes(raw[:cut])
            calls = []

            def try_(spec, calls=calls):
                calls.append(spec)
                return result(spec)

            before = len(Journal(path).of("tried"))
            search(BASE, Journal(path), try_, known={}, budget_runs=8)
            assert path.read_bytes() == raw
            assert len(calls) == 8 - before


def test_a_damaged_journal_is_not_gone_on_with(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{]\n{}\n")
    with pytest.raises(Damaged, match="line 1"):
        Journal(path)


def test_a_study_that_is_none_is_refused():
    with pytest.raises(BadInput):
        read_study({"name": "x"} | {"signal": {}})


KILLED = """
import json, os, signal, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from agent.research import journal as module
from tests.unit.agent.research.test_loop import BASE, result
from agent.research.loop import search
folder, kill_at, within = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "within"
writes, write = 0, os.write
def dying(descriptor, data):
    global writes
    writes += 1
    if writes == kill_at:
        write(descriptor, data[: len(data) // 2] if within else data)
        os.kill(os.getpid(), signal.SIGKILL)
    return write(descriptor, data)
module.os.write = dying
def paid(spec):
    with (folder / "paid.txt").open("a") as file:
        file.write(spec.name + chr(10))
    return result(spec)
search(BASE, module.Journal(folder / "a.jsonl"), paid, known={{}}, budget_runs=int(sys.argv[4]))
"""


def kill_often(folder, budget, most):
    """Kill the search by SIGKILL at its first or second line, again and again; return how often."""
    program = KILLED.format(root=str(REPOSITORY))
    for kills in range(most):
        at, how = str(1 + kills % 2), "within" if kills % 3 == 0 else "after"
        done = subprocess.run(
            [sys.executable, "-c", program, str(folder), at, how, str(budget)],
            cwd=REPOSITORY, capture_output=True, text=True, check=False, env=os.environ,
        )  # fmt: skip
        if done.returncode == 0:
            return kills
        assert done.returncode == -9, done.stderr
    return most


def check_killed(folder, budget, kills):
    whole = Journal(folder / "whole.jsonl")
    search(BASE, whole, result, known={}, budget_runs=budget)
    search(BASE, Journal(folder / "a.jsonl"), result, known={}, budget_runs=budget)
    assert (folder / "a.jsonl").read_bytes() == (folder / "whole.jsonl").read_bytes()
    paid = Counter((folder / "paid.txt").read_text().split())
    # Only a kill within a line loses it; nothing whose line was written is done again.
    assert sum(paid.values()) - len(paid) <= -(-kills // 3)
    assert set(paid) <= {step.strategy for step in steps_of(Journal(folder / "a.jsonl"))}


def test_killed_a_few_times(tmp_path):
    assert kill_often(tmp_path, budget=3, most=3) == 3
    check_killed(tmp_path, budget=3, kills=3)
