"""Keys and values of a sweep: what is understood, and what is refused where."""

from __future__ import annotations

import pytest

from configs.document import parse_document
from configs.errors import BadInput
from tasks.sweep.axes import read_axis, sweepable
from tasks.sweep.grid import lay_out_grid
from taskspecs.load import understand

TEXT = b"""
name: study
features:
  define: {momentum: "$close / Ref($close, 120) - 1", slow: "Mean($close, 120)"}
signal: {expression: $momentum}
backtest: {topk: 4}
"""


@pytest.fixture(scope="module")
def study():
    return understand(parse_document(TEXT, file="study.yaml"))


def grid_of(study, *texts, **options):
    spec, document = study
    return lay_out_grid(document, [read_axis(text, spec) for text in texts], **options)


def test_every_combination_in_the_order_of_the_axes(study):
    grid = grid_of(study, "topk=2,3", "costs.open_bps=0,7.5")
    found = [(p.spec.backtest.topk, p.spec.backtest.costs.open_bps) for p in grid.points]
    assert found == [(2, 0), (2, 7.5), (3, 0), (3, 7.5)]
    assert grid.changed(grid.points[1]) == {"topk": "2", "costs.open_bps": "7.5"}


def test_a_number_of_an_expression(study):
    grid = grid_of(study, "momentum@120=20,250")
    found = [p.spec.features.define["momentum"] for p in grid.points]
    assert found == ["$close / Ref($close, 20) - 1", "$close / Ref($close, 250) - 1"]
    assert {p.spec.features.define["slow"] for p in grid.points} == {"Mean($close, 120)"}


def test_commas_inside_brackets_belong_to_a_value(study):
    grid = grid_of(study, "signal.expression=$momentum,Mean($momentum, 5)")
    assert [p.spec.signal.expression for p in grid.points] == ["$momentum", "Mean($momentum, 5)"]


def test_null_is_a_value(study):
    grid = grid_of(study, "limit_threshold=null,0.1")
    assert [p.spec.backtest.limit_threshold for p in grid.points] == [None, 0.1]


def test_the_study_itself_is_left_as_it_is(study):
    before = repr(study[1].value)
    grid_of(study, "topk=2,3", "momentum@120=5")
    assert repr(study[1].value) == before


def test_a_sample_is_drawn_by_its_seed(study):
    axes = "topk=1,2,3,4,5,6,7,8", "n_drop=0,1", "trade_unit=1,10,100"
    drawn = [[p.number for p in grid_of(study, *axes, sample=9, seed=s).points] for s in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 9
    assert len(grid_of(study, *axes, sample=1_000).points) == 48


def test_combinations_that_are_no_study_are_left_out(study):
    grid = grid_of(study, "topk=1,2,3", "n_drop=1,2,3")
    assert len(grid.points) == 6
    assert grid.left_out == 3
    assert "must not be above topk" in grid.reason


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("backtest.topkk=2", "--grid, key backtest.topkk: .* no key .*\n.*'backtest.topk'"),
        ("tpk=2", "did you mean 'topk'"),
        ("data.source=file", "--grid, key data.source: .*same data"),
        ("name=other", "cannot be varied"),
        ("topk", "names no values"),
        ("topk=", "names no values"),
        ("topk=2,2", "given twice"),
        ("topk=2,abc", r"--grid topk=abc, key backtest.topk: `\"?abc"),
        ("topk=0", "--grid topk=0, key backtest.topk: "),
        ("n_drop=9", "--grid n_drop=9, key backtest.n_drop: n_drop 9 must not be above topk 4"),
        ("deal_price=close,vwap", "--grid deal_price=vwap, key backtest.deal_price"),
        ("signal.expression=$nosuch", "--grid .*key signal.expression: .*nosuch"),
        ("momentum@121=20", "no number 121"),
        ("topk@4=20", "no number 4"),
        ("momentum@120=x y", "key features.define.momentum"),
    ],
)
def test_mistakes_are_located(study, text, what):
    with pytest.raises(BadInput, match=f"(?s){what}"):
        grid_of(study, text)


def test_an_unmanageable_grid_is_refused(study):
    numbers = ",".join(map(str, range(1, 401)))
    with pytest.raises(BadInput, match="160,000 points"):
        grid_of(study, f"topk={numbers}", f"trade_unit={numbers}")


def test_what_may_be_varied(study):
    allowed = sweepable(study[0])
    assert {"backtest.topk", "backtest.costs.min_fee", "features.define.slow"} <= set(allowed)
    assert not [key for key in allowed if key.startswith(("data", "name", "gate", "detection"))]
