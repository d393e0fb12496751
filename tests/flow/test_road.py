"""The whole road by the command line: from a name to a report, and again, and changed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from taskspecs.catalogue import FOLDER

STAGES = ["ingest", "features", "aggregation", "signal", "detection", "backtest", "report"]


def test_the_demo_leaves_a_report_rows_and_a_proposal(demo_shell):
    outcome = demo_shell.json("demo")
    assert outcome["computed"] == []
    report = Path(outcome["report"]).read_text(encoding="utf-8")
    assert outcome["run_id"] in report
    page = re.sub(r"<script.*?</script>", "", report, flags=re.DOTALL)
    assert not re.search(r"(src|href)=[\"']https?://", page)
    metrics = outcome["metrics"]
    assert metrics["bars"] > 2_000
    assert -1 < metrics["max_drawdown"] < 0
    assert outcome["patterns"] + outcome["withheld"] > 10
    (proposal,) = demo_shell.json("gate", "list")
    assert proposal["strategy"] == outcome["strategy"]
    assert proposal["stage"] == "dryrun"


def test_the_warehouse_agrees_with_the_lake(demo_shell):
    outcome = demo_shell.json("demo")
    shown = demo_shell.json("runs", "show", outcome["run_id"])
    by_name = {row["name"]: row["value"] for row in shown["figures"]}
    assert by_name == pytest.approx(outcome["metrics"], nan_ok=True)


def test_changing_the_backtest_recomputes_only_backtest_and_report(demo_shell, tmp_path):
    spec = tmp_path / "changed.yaml"
    text = (FOLDER / "us_momentum.yaml").read_text()
    assert text.count("topk: 2") == 1
    spec.write_text(text.replace("topk: 2", "topk: 3"))
    states = {s["stage"]: s["state"] for s in demo_shell.json("plan", str(spec))["stages"]}
    assert states == {
        name: "to compute" if name in {"backtest", "report"} else "done" for name in STAGES
    }


def test_promotion_is_refused_with_what_is_missing(demo_copy):
    refused = demo_copy.run(
        "gate", "promote", "us_momentum", "--to", "paper", "--reason", "it looks good", exit_code=3
    )
    assert "missing: approval" in refused.stderr


def test_a_bad_spec_leaves_nothing_behind(shell):
    bad = shell.workspace / "bad.yaml"
    bad.write_text("name: x\nsignal: {expression: $close}\ndata: {symbols: [AAPL, GOOGL]}\n")
    complaint = shell.run("run", str(bad), exit_code=2).stderr
    assert "bad.yaml:3" in complaint
    assert "GOOGL" in complaint
    assert "GOOG" in complaint
    assert sorted(p.name for p in shell.workspace.iterdir()) == ["bad.yaml"]


def test_as_of_hides_what_was_not_known(shell):
    spec = shell.workspace / "short.yaml"
    spec.write_text("name: short\ndata: {start: 2007-06-01}\nsignal: {expression: $close}\n"
                    "backtest: {topk: 2}\n")  # fmt: skip
    outcome = shell.json("run", str(spec), "--as-of", "2008-06-30")
    shown = shell.json("runs", "show", outcome["run_id"])
    assert json.dumps(shown["last_ts"]) <= '"2008-06-30T21'
