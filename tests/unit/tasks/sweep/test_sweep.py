"""Sweeps of the sample: on the ledger first, resumable, and the same for any number of jobs."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from configs.document import parse_document
from configs.errors import BadInput
from configs.settings import load_settings
from configs.workspace import open_workspace
from gate.evidence.trials import KIND
from storage.open import open_lake, open_ledger, open_warehouse
from tasks.backtest import run_backtest
from tasks.ingest import read
from tasks.ingest.origin.sources import locate
from tasks.runs.results import pick, tried
from tasks.signal.chain import scored
from tasks.sweep.axes import read_axis
from tasks.sweep.computing import point_dataset
from tasks.sweep.grid import lay_out_grid
from tasks.sweep.sweep import _plans, sweep
from taskspecs.catalogue import find
from taskspecs.load import understand


def grid_of(*axes):
    shipped = find("us_momentum").read_text(encoding="utf-8")
    text = shipped.replace("source: sample", "source: sample\n  start: 2009-01-01")
    spec, document = understand(parse_document(text.encode(), file="us_momentum.yaml"))
    return lay_out_grid(document, [read_axis(text, spec) for text in axes])


AXES = "momentum@120=20,60,120", "topk=2,3"


def sweep_in(folder, grid, **options):
    folder.mkdir(exist_ok=True)
    workspace = open_workspace(str(folder))
    return sweep(grid, workspace, load_settings(workspace), **options)


def ledger_of(folder):
    workspace = open_workspace(str(folder))
    return open_ledger(load_settings(workspace), workspace)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A sweep by one process, and where it was done."""
    folder = tmp_path_factory.mktemp("alone")
    return sweep_in(folder, grid_of(*AXES), jobs=1), folder


def test_each_point_is_a_backtest(alone):
    swept, folder = alone
    spec = swept.grid.points[3].spec
    bars = read(spec.data, locate(spec.data, folder)).bars
    result = run_backtest(
        bars, scored(bars, spec), spec.backtest, frequency="day", zone=spec.data.zone
    )
    expected = dict(result.metrics.select("name", "value").iter_rows())
    row = swept.table.row(3, named=True)
    assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    assert row["ic_mean"] is not None


def test_the_result_is_the_same_for_any_number_of_jobs(alone, tmp_path):
    swept, _ = alone
    parallel = sweep_in(tmp_path / "w", grid_of(*AXES), jobs=2)
    assert_frame_equal(parallel.table, swept.table)
    assert parallel.manifest == swept.manifest
    assert parallel.computed == 6


def test_a_second_sweep_finds_everything_done(alone):
    swept, folder = alone
    again = sweep_in(folder, grid_of(*AXES), jobs=1)
    assert (again.computed, again.tried) == (0, 0)
    assert again.manifest == swept.manifest
    larger = sweep_in(folder, grid_of(AXES[0], "topk=2,3,4"), jobs=1)
    assert (larger.computed, larger.tried) == (3, 3)


def test_every_point_is_a_trial_before_its_result_is_known(tmp_path):
    def stop(done, _total):
        if done:
            raise KeyboardInterrupt

    grid = grid_of(*AXES)
    with pytest.raises(KeyboardInterrupt):
        sweep_in(tmp_path, grid, jobs=1, on_progress=stop)
    trials = [entry.body["run_id"] for entry in ledger_of(tmp_path).entries(KIND)]
    assert len(trials) == len(set(trials)) == 6
    workspace = open_workspace(str(tmp_path))
    lake = open_lake(load_settings(workspace), workspace)
    plans, _ = _plans(grid, workspace, load_settings(workspace), ledger_of(tmp_path))
    done = [plan for plan in plans if lake.exists(point_dataset(plan))]
    assert 0 < len(done) < 6
    resumed = sweep_in(tmp_path, grid, jobs=1)
    assert (resumed.computed, resumed.tried) == (6 - len(done), 0)
    assert resumed.table.height == 6


def test_points_are_in_the_warehouse_once(alone):
    swept, folder = alone
    workspace = open_workspace(str(folder))
    with open_warehouse(load_settings(workspace), workspace) as warehouse:
        rows = warehouse.query(
            "SELECT number, run_id, sharpe, JSONExtractFloat(metrics, 'exposure') AS exposure"
            " FROM sweep_points WHERE sweep_id = {sweep:String} ORDER BY number",
            {"sweep": swept.sweep_id},
        )
    assert_frame_equal(rows, swept.table.select(rows.columns), check_dtypes=False)
    assert rows.height == 6


def test_points_are_no_runs(alone):
    ledger = ledger_of(alone[1])
    assert tried(ledger) == []
    with pytest.raises(BadInput, match="no run to show"):
        pick(ledger)


def test_points_that_cannot_be_traded_say_why(tmp_path):
    swept = sweep_in(tmp_path, grid_of("momentum@120=60,9000"), jobs=1)
    assert swept.table["refusal"].to_list()[0] == ""
    assert "nothing to trade" in swept.table["refusal"][1]
    assert swept.best("sharpe").height == 1


@pytest.mark.parametrize(
    ("axes", "by", "what"),
    [
        (["topk=2,9"], "sharpe", "topk is 9, but there are only 5 symbols"),
        (["benchmark=IBM,IBN"], "sharpe", "IBN.*not among"),
        (["topk=2"], "sharp", "did you mean 'sharpe'"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(alone, axes, by, what):
    with pytest.raises(BadInput, match=f"(?s){what}"):
        sweep_in(alone[1], grid_of(*axes), by=by, jobs=1)


def test_equal_points_of_the_table_are_sorted(alone):
    best = alone[0].best("sharpe")
    assert best["sharpe"].is_sorted(descending=True)
    assert best.select(pl.col("neighbours").min()).item() >= 2
