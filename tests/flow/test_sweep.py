"""A sweep by the command line: the winner is judged by qlib and has a report."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_winner_is_run_by_qlib(shell):
    axes = ["--grid", "topk=1,2,3", "--grid", "n_drop=1,2"]
    found = shell.json("sweep", "us_momentum", *axes, "--jobs", "1")
    assert (found["points"], found["new_trials"], found["left_out"]) == (5, 5, 1)
    for row in found["winner"]["figures"]:
        assert row["fast"] == pytest.approx(row["qlib"], rel=1e-9)
    assert found["best"][0]["run_id"] == found["winner"]["run_id"]
    assert found["sweep_id"] in found["page"]
    assert "Content-Security-Policy" in Path(found["page"]).read_text(encoding="utf-8")
    (run,) = shell.json("runs", "list")
    assert run["run_id"] == found["winner"]["run_id"]
    assert shell.json("gate", "show", "us_momentum")
    again = shell.json("sweep", "us_momentum", *axes, "--jobs", "1")
    assert (again["computed"], again["new_trials"]) == (0, 0)
    assert {**again, "computed": 5, "new_trials": 5} == found

    shell.run("run", "us_momentum")
    rules = shell.json("runs", "show", "us_momentum")["spec"]["backtest"]
    assert (rules["topk"], rules["n_drop"]) == (2, 1)
    own = shell.json("runs", "show", "us_momentum")["run_id"]
    assert shell.json("explain", "us_momentum")["about"] == f"run {own}"
    variants = {run["run_id"]: run["variant"] for run in shell.json("runs", "list")}
    assert variants.pop(own) is None
    assert all("backtest." in what for what in variants.values())


@pytest.mark.slow
def test_patterns_act_on_points_as_they_act_on_runs(shell):
    axes = ["--grid", "suspend_on.bars=5,40", "--grid", "momentum@120=60"]
    found = shell.json("sweep", "us_momentum_drift_aware", *axes, "--jobs", "1")
    assert found["points"] == 2
    assert len({row["sharpe"] for row in found["best"]}) == 2
    for row in found["winner"]["figures"]:
        assert row["fast"] == pytest.approx(row["qlib"], rel=1e-9)


def test_a_mistake_in_the_grid_leaves_nothing_behind(shell):
    complaint = shell.run("sweep", "us_momentum", "--grid", "topq=1,2", exit_code=2).stderr
    assert "--grid" in complaint
    assert "topk" in complaint
    assert list(shell.workspace.iterdir()) == []
