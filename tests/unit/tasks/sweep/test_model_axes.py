"""A model's hyperparameters and windows are axes as any other."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from configs.settings import load_settings
from configs.workspace import open_workspace
from tasks.sweep.axes import read_axis
from tasks.sweep.grid import lay_out_grid
from tasks.sweep.sweep import sweep
from taskspecs.load import load

STUDY = """\
name: study
data: {source: sample}
features:
  define:
    reversal: 1 - $close / Ref($close, 5)
    momentum: $close / Ref($close, 120) - 1
signal:
  model:
    kind: linear
    windows: {train_bars: 1000, test_bars: 1000}
"""


@pytest.fixture
def grid_of(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    spec, document = load(tmp_path / "study.yaml")
    return lambda *axes: lay_out_grid(document, [read_axis(text, spec) for text in axes])


def in_(folder):
    workspace = open_workspace(str(folder))
    return workspace, load_settings(workspace)


def test_points_differ_by_what_is_varied(grid_of, tmp_path):
    grid = grid_of("signal.model.alpha=0,1e6", "topk=1,2")
    swept = sweep(grid, *in_(tmp_path), jobs=1)
    assert [p.spec.signal.model.alpha for p in grid.points] == [0, 0, 1e6, 1e6]
    assert swept.table["ic_mean"].null_count() == 0
    ic = swept.table["ic_mean"].to_list()
    assert ic[0] == ic[1] != ic[2] == ic[3], "one signal is shared by the backtests of it"


def test_the_last_part_of_a_key_is_enough(grid_of):
    grid = grid_of("train_bars=500,1000")
    assert [p.spec.signal.model.windows.train_bars for p in grid.points] == [500, 1000]


@pytest.mark.parametrize(
    ("axis", "says"),
    [
        ("signal.model.alpha=-1", r"key signal\.model\.alpha: .*-1"),
        ("signal.model.learning_rate=0.1", "no key `signal.model.learning_rate`"),
        ("signal.model.kind=lightgbm,forest", r"key signal\.model\.kind: .*forest"),
    ],
)
def test_what_the_model_does_not_have_is_refused_by_name(grid_of, axis, says):
    with pytest.raises(BadInput, match=says):
        grid_of(axis)


def test_windows_longer_than_the_data_are_refused_before_any_trial(grid_of, tmp_path):
    with pytest.raises(
        BadInput, match=r"signal\.model\.windows\.train_bars: .* but the data has 3,\d\d\d"
    ):
        sweep(grid_of("train_bars=500,5000"), *in_(tmp_path), jobs=1)
    assert not list(tmp_path.rglob("ledger/*.json"))
