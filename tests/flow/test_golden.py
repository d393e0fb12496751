"""The shipped studies leave what they left before the code was ordered anew."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest
from polars.testing import assert_frame_equal

from tasks.dag.outputs import OUTPUTS
from tasks.study import run_study
from tests.counting import CountingObjects, count_reads
from tests.golden import KEPT, STUDIES, digests, leave

if TYPE_CHECKING:
    from tasks.dag.session import Session
    from tests.counting import Reads


class Left(NamedTuple):
    """A run, and how often it read which object."""

    session: Session
    reads: Reads


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("golden")


@pytest.fixture(scope="module")
def counted(folder):
    """Run a study, once, in a workspace of them all; each run's reads are counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.open.FolderObjects", CountingObjects)
        yield cache(lambda study: Left(*count_reads(lambda: leave(study, folder))))


@pytest.fixture(scope="module")
def left(counted):
    return lambda study: counted(study).session


@pytest.mark.parametrize("study", STUDIES)
def test_a_shipped_study_leaves_what_it_left(study, left):
    assert digests(left(study)) == json.loads(KEPT.read_text())[study]


@pytest.mark.parametrize("study", STUDIES)
def test_every_file_is_in_the_catalogue_with_its_columns(study, left):
    session = left(study)
    manifests = {stage.name: session.manifest(stage.name) for stage in session.plan.stages}
    found = {(stage, file.name) for stage, manifest in manifests.items() for file in manifest.files}
    known = {(output.stage, output.file): output for output in OUTPUTS}
    assert found <= set(known)
    for stage, name in found:
        if known[stage, name].columns:
            frame = session.lake.frame(manifests[stage], name)
            told = {column: str(kind) for column, kind in frame.schema.items()}
            assert known[stage, name].fits(told), (stage, told)
    modelled = set() if session.plan.spec.signal.model else {"model_windows", "importance"}
    without = {o.name for o in OUTPUTS if not session.plan.has(o.stage)} | modelled
    assert {known[place].name for place in found} == {o.name for o in OUTPUTS} - without


@pytest.mark.parametrize("study", STUDIES)
def test_a_run_reads_what_it_needs_once(study, counted):
    reads = counted(study).reads
    assert reads.of("-bars.parquet") == [1]
    assert set(reads.of("-patterns.parquet")) | set(reads.of("-metrics.parquet")) <= {1, 2}
    assert max(reads.of("manifest.json", under="report")) == 1
    assert max(reads.of(".json", under="ledger")) <= 2
    assert reads.of_ledger() <= 3


def test_a_finished_run_reads_no_table_and_the_ledger_as_seldom(counted, folder):
    counted("us_reversal")
    _, reads = count_reads(lambda: leave("us_reversal", folder))
    assert reads.of(".parquet") == []
    assert reads.of_ledger() <= 3


def test_the_stages_leave_what_the_pure_study_gives(left):
    session = left("us_momentum_drift_aware")
    source, spec = session.frame("ingest", "bars"), session.plan.spec
    result = run_study(source, spec, engine="qlib")
    pairs = {
        "features/features": result.featured.features,
        "aggregation/features": result.featured.decided,
        "aggregation/market": result.featured.market,
        "signal/scores": result.signal.scores,
        "signal/ic": result.signal.ic,
        "detection/alarms": result.alarms,
        "backtest/positions": result.backtest.positions,
        "backtest/equity": result.backtest.equity,
        "backtest/metrics": result.backtest.metrics,
    }
    for name, frame in pairs.items():
        assert_frame_equal(frame, session.frame(*name.split("/")), check_exact=True)
    fast = run_study(source, spec).backtest
    assert_frame_equal(fast.equity, result.backtest.equity, rel_tol=1e-9)
