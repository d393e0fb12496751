"""Which run a person means after a sweep, and by what its variants differ."""

from __future__ import annotations

import json

import pytest

from configs.errors import BadInput
from tasks.runs.names import RunName, choose_run, differences, named_rows

OWN, OLD = RunName("aa1", "study"), RunName("bb2", "study")
WINNER, OTHER = RunName("cc3", "study", "sweep"), RunName("dd4", "study", "research")


@pytest.mark.parametrize(
    ("runs", "wanted", "meant"),
    [
        ([WINNER, OWN, OLD], "study", "aa1"),  # a sweep came after it
        ([OWN, WINNER, OLD], "study", "aa1"),
        ([OTHER, WINNER, OLD], "study", "bb2"),
        ([WINNER, OWN], "last", "cc3"),
        ([WINNER, OWN], "cc", "cc3"),
        ([WINNER], "study", "cc3"),  # there is nothing else that it could mean
    ],
)
def test_a_studys_name_means_the_study_as_it_is_written(runs, wanted, meant):
    assert choose_run(runs, wanted) == meant


def test_variants_alone_are_ambiguous():
    with pytest.raises(BadInput, match="may be any of its variants") as refused:
        choose_run([WINNER, OTHER], "study")
    assert refused.value.hint == "cc3, dd4"


def row(run_id, road, **backtest):
    spec = {"name": "study", "description": run_id, "backtest": backtest}
    return {"run_id": run_id, "name": "study", "road": road, "spec": json.dumps(spec)}


def test_variants_are_told_by_what_differs_from_the_study_as_it_is_written():
    rows = [row("b", "sweep", topk=3, n_drop=1), row("a", "command", topk=2, n_drop=1)]
    assert differences(rows) == {"b": "backtest.topk: 3"}
    assert [name.varied_by for name in named_rows(rows)] == ["sweep", ""]
    own = [row("b", "sweep, as written", topk=2), row("c", "sweep", topk=5)]
    assert [name.varied_by for name in named_rows(own)] == ["", "sweep"]
    assert differences(own) == {"c": "backtest.topk: 5"}
    assert differences([row("b", "sweep", topk=3), row("c", "sweep", topk=5)]) == {
        "b": "backtest.topk: 3"
    }
    assert differences([]) == {}
