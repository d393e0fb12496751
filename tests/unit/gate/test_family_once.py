"""What is asked of a whole family is worked out once, and is the same as asked one by one."""

from __future__ import annotations

import numpy as np
import pytest

from gate.checks.table import CHECKS
from gate.evidence.assembling import assemble, returns_reader
from gate.statistics import superiority as spa
from gate.statistics.remembering import remembered
from tests.unit.gate.attacks.test_trials import Bench

CANDIDATES = ("r1", "r2", "r5")


@pytest.fixture
def bench():
    bench = Bench()
    bench.searches(count=8)
    for run_id in CANDIDATES:
        bench.proposes(run_id, study=f"a@{run_id[1:]}")
    return bench


def test_candidates_on_the_same_bars_have_the_same_columns(bench):
    found = [assemble(bench.ledger, bench.lake, run_id) for run_id in CANDIDATES]
    assert len({one.family.returns.tobytes() for one in found}) == 1
    for one in found:
        assert np.array_equal(one.family.returns[:, one.family.candidate], one.returns)


def test_a_list_asks_the_bootstrap_once_and_reads_each_trial_once(bench, monkeypatch):
    from arch.bootstrap import SPA

    computed, read = [], []
    compute, frame = SPA.compute, bench.lake.frame
    monkeypatch.setattr(SPA, "compute", lambda self: computed.append(1) or compute(self))
    monkeypatch.setattr(
        bench.lake, "frame", lambda manifest, name: read.append(name) or frame(manifest, name)
    )
    reader = returns_reader(bench.lake)
    figures = []
    for run_id in CANDIDATES:
        evidence = assemble(bench.ledger, bench.lake, run_id, read=reader)
        figures.append(CHECKS["superior_ability"].evaluate(evidence, 0.05).figure)
    assert len(computed) == 1
    # each candidate's own, as it was submitted, and each of the eight trials
    assert read.count("equity.parquet") == len(CANDIDATES) + 8

    monkeypatch.setattr(spa, "_test", spa._test.__wrapped__)
    alone = [
        CHECKS["superior_ability"].evaluate(assemble(bench.ledger, bench.lake, run), 0.05).figure
        for run in CANDIDATES
    ]
    assert alone == figures
    assert len(set(figures)) > 1


def test_other_bytes_and_other_options_are_other_questions():
    asked = []
    total = remembered(lambda values, by=1: asked.append(1) or float(values.sum()) * by)
    values = np.arange(6.0)
    assert [total(values), total(values.reshape(2, 3)), total(values, by=2)] == [15.0, 15.0, 30.0]
    values[0] = 9.0
    assert total(values) == 24.0
    assert len(asked) == 4
