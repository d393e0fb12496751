"""Runs are compared with each other, and each with its own repetition."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.lake.manifest import DIGEST
from taskspecs.catalogue import FOLDER
from taskspecs.identity import canonical_json, digest


@pytest.fixture(scope="module")
def two(demo_copy):
    """A workspace with the demo's run and a variant of it."""
    spec = demo_copy.workspace / "three.yaml"
    text = (FOLDER / "us_momentum.yaml").read_text()
    spec.write_text(text.replace("name: us_momentum", "name: three").replace("topk: 2", "topk: 3"))
    demo_copy.run("run", str(spec))
    return demo_copy


def test_runs_side_by_side(two):
    told = two.json("runs", "compare", "us_momentum", "three", "--all")
    assert [run["study"] for run in told["runs"]] == ["us_momentum", "three"]
    for study in ("us_momentum", "three"):
        alone = {row["name"]: row["value"] for row in two.json("runs", "show", study)["figures"]}
        assert {row["name"]: row["values"][study] for row in told["figures"]} == alone
    page = Path(told["page"]).read_text(encoding="utf-8")
    assert "Content-Security-Policy" in page
    plot = json.loads(page.split('id="content">')[1].split("</script>")[0])
    assert [line["name"] for line in plot["data"]] == ["us_momentum"] * 2 + ["three"] * 2
    total = next(row for row in told["figures"] if row["name"] == "total_return")
    ends = [plot["data"][line]["y"][-1] for line in (0, 2)]
    assert ends == pytest.approx(
        [1 + total["values"]["us_momentum"], 1 + total["values"]["three"]], abs=1e-5
    )


def test_two_runs_are_explained_each_value_from_the_row_of_its_run(two):
    told = two.json("explain", "us_momentum", "three")
    values = {value["reference"]: value for value in told["values"]}
    for number, study in enumerate(("us_momentum", "three")):
        shown = two.json("runs", "show", study)
        alone = {row["name"]: row["value"] for row in shown["figures"]}
        sharpe = values[f"runs[{number}].sharpe"]
        assert sharpe["value"] == alone["sharpe"]
        assert sharpe["sources"][0]["key"]["run_id"] == shown["run_id"]
    assert "like is compared with like" in told["text"]


def test_one_run_or_one_that_is_not_there_cannot_be_compared(two):
    said = two.run("runs", "compare", "us_momentum", "us_momentum", exit_code=2).stderr
    assert "two to 8 different runs" in said
    assert "did you mean" in two.run("runs", "compare", "three", "thre_", exit_code=2).stderr


@pytest.mark.slow
def test_a_run_is_repeated_to_the_byte_and_what_differs_is_told(two):
    told = two.json("runs", "replay", "us_momentum")
    assert told["identical"], told
    assert told["changed"] == {}
    assert {file["stage"] for file in told["files"]} >= {"ingest", "backtest", "report"}

    run_id = told["run_id"]
    lake = two.workspace / ".qraft/lake"
    plan_path = lake / "runs" / run_id / "plan.json"
    plan = json.loads(plan_path.read_text())
    plan["made_with"]["pyqlib"] = "0.0.1"
    plan_path.write_text(json.dumps(plan))
    manifest_path = lake / "report/backtest" / plan["keys"]["backtest"] / "manifest.json"
    manifest = json.loads(manifest_path.read_text())
    manifest["code"] = "0" * 64
    equity = next(file for file in manifest["files"] if file["name"] == "equity.parquet")
    equity["sha256"] = "0" * 64
    del manifest[DIGEST]
    manifest_path.write_text(canonical_json({**manifest, DIGEST: digest(manifest)}))
    other = json.loads(two.run("runs", "replay", run_id, "--json", exit_code=1).stdout)
    assert [file["name"] for file in other["files"] if not file["same"]] == ["equity.parquet"]
    (change,) = other["changed"]["backtest"]
    assert change.startswith("pyqlib 0.0.1, now ")
