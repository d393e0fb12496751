"""`qraft runs` tells of finished runs what the warehouse holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.errors import BadInput
from configs.remedies import Mend


def test_a_workspace_without_runs_says_so_and_makes_no_warehouse(terminal):
    listed = terminal.call("runs", "list")
    assert listed.stdout == ""
    assert f"qraft -w {terminal.workspace} demo" in listed.stderr
    assert terminal.json("runs", "list") == []
    with pytest.raises(BadInput, match="no run to show") as refused:
        terminal.call("runs", "show", "last")
    assert refused.value.remedy == Mend.RUN_DEMO()
    assert not (terminal.workspace / ".qraft" / "warehouse").exists()


def test_the_list_has_a_line_for_each_run(done):
    (run,) = done.json("runs", "list")
    assert run["name"] == "us_momentum"
    assert run["gate_stage"] == "dryrun"
    assert run["metrics"]["max_drawdown"] < 0
    table = done.out("runs", "list").splitlines()
    assert len(table) == len(["head", "rule", "run"])
    assert run["run_id"] in table[2]
    assert f"{run['metrics']['annual_return']:.1%}" in table[2]
    assert max(map(len, table)) <= 80


def test_a_run_is_found_by_last_by_id_and_by_study(done):
    run_id = done.json("runs", "list")[0]["run_id"]
    for name in ("last", run_id, run_id[:4], "us_momentum"):
        assert done.json("runs", "show", name)["run_id"] == run_id


def test_a_page_has_figures_with_units_and_notes_health_and_where_the_report_is(done):
    told = done.json("runs", "show")
    sharpe = next(row for row in told["figures"] if row["name"] == "sharpe")
    assert sharpe["unit"] == "ratio"
    assert "costs" in sharpe["note"]
    assert Path(told["report"]).read_text(encoding="utf-8").startswith("<!")
    stages = {row["stage"] for row in told["lineage"]}
    assert stages == {row["stage"] for row in told["artifacts"]}
    page = done.call("runs", "show")
    assert "Data health" in page.stdout
    assert "--all" in page.stderr
    whole = done.out("runs", "show", "--all")
    assert "Lineage" in whole
    assert "equity.parquet" in whole


@pytest.mark.parametrize("wanted", ["us_momentun", "zzzz", ""])
def test_an_unknown_run_is_refused_with_what_there_is(done, wanted):
    with pytest.raises(BadInput, match=f"there is no run `{wanted}`") as refused:
        done.call("runs", "show", wanted)
    assert "us_momentum" in str(refused.value)
