"""Plateaus, the table of points, and the page."""

from __future__ import annotations

import re
from statistics import NormalDist, stdev

import pytest

from configs.document import parse_document
from tasks.dag.plan import make_plan
from tasks.sweep.axes import read_axis
from tasks.sweep.grid import lay_out_grid
from tasks.sweep.page import draw, luck
from tasks.sweep.table import best_first, compare_neighbours, points_table, warehouse_rows
from taskspecs.load import understand


@pytest.fixture(scope="module")
def grid():
    text = b"name: study\ndescription: <b>what</b>\nsignal: {expression: $close}"
    spec, document = understand(parse_document(text, file="s.yaml"))
    axes = [read_axis(t, spec) for t in ("topk=1,2,3", "trade_unit=1,10")]
    return lay_out_grid(document, axes)


@pytest.fixture(scope="module")
def table(grid):
    values = [0.1, 0.5, 0.9, None, 0.2, 0.3]
    results = [
        {"metrics": {"sharpe": v, "bars": 3.0} if v else {}, "refusal": "" if v else "no <bars>"}
        for v in values
    ]
    return points_table(grid, [f"run{n}" for n in range(6)], results)


def test_neighbours_are_one_step_away_on_one_axis(grid, table):
    found = compare_neighbours(grid, table["sharpe"].to_list())
    assert found.row(2) == (2, pytest.approx(0.15), 0.1)  # topk 1 and 3 with the same unit
    assert found["neighbours"].to_list() == [2, 1, 2, 3, 2, 1]


def test_the_best_first(table):
    best = best_first(table, "sharpe")["run_id"].to_list()
    assert best == ["run2", "run1", "run5", "run4", "run0"]


def test_rows_of_the_warehouse(table):
    rows = warehouse_rows(table, ["sharpe", "ic_mean"], "study")
    assert rows["sharpe"].to_list() == table["sharpe"].to_list()
    assert rows["ic_mean"].is_null().all()
    assert rows["metrics"][0] == '{"bars":3.0,"sharpe":0.1}'
    assert rows["refusal"][3] == "no <bars>"


def test_the_page_is_whole_harmless_and_the_same_every_time(grid, table):
    wide = table.hstack(compare_neighbours(grid, table["sharpe"].to_list()))
    plan = make_plan(grid.points[0].spec, data_digest="0" * 64, original_name="x")
    page, again = (draw(wide, grid, "sharpe", plan) for _ in range(2))
    assert page == again
    assert "&lt;b&gt;what" in page
    assert "1 variants could not be traded" in page
    without = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(src|href)=", without)
    one = lay_out_like(grid)
    assert "Sharpe ratio by topk" in draw(wide.head(3), one, "sharpe", plan)


def lay_out_like(grid):
    """The same study with one axis."""
    axis = grid.axes[0]
    points = tuple(type(p)(n, (n,), p.spec) for n, p in enumerate(grid.points[::2]))
    return type(grid)((axis,), points)


def test_luck_grows_with_trials():
    spread = [0.0, 1.0]
    assert luck(spread[:1]) == 0
    assert luck(spread * 5) < luck(spread * 50) < luck(spread * 500)


def test_luck_is_the_mean_of_the_best_of_normals():
    unskilled = [NormalDist().samples(100, seed=seed) for seed in range(400)]
    expected = sum(map(max, unskilled)) / len(unskilled)
    assert luck(unskilled[0]) / stdev(unskilled[0]) == pytest.approx(expected, rel=0.03)
