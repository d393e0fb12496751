"""`qraft explain` on a real run, and its values found again in the warehouse."""

from __future__ import annotations

from typing import Any

import pytest

from agent.explain.rows import KEYS, Row
from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_warehouse


@pytest.fixture(scope="module")
def told(demo_shell: Any) -> Any:
    return demo_shell.json("explain", "last")


def test_each_cited_row_is_found_again_with_its_digest(demo_shell: Any, told: Any) -> None:
    workspace = open_workspace(str(demo_shell.workspace))
    with open_warehouse(load_settings(workspace), workspace) as warehouse:
        stored = {
            table: {
                row.sha256: row
                for row in (Row(table, r) for r in warehouse.rows(f"SELECT * FROM {table}"))
            }
            for table in KEYS
        }
    single = [
        c
        for c in told["citations"]
        if c.get("rows", 1) == 1 and set(c["key"]) == set(KEYS[c["table"]])
    ]
    assert len(single) > 10
    for citation in single:
        assert stored[citation["table"]][citation["sha256"]].key == citation["key"]
    for entry in told["values"]:
        if entry["formula"] is None and len(entry["sources"]) == 1:
            source = entry["sources"][0]
            row = stored[source["table"]][source["sha256"]]
            if "." not in source["column"] and "[" not in source["column"]:
                assert (
                    row[source["column"]] == entry["value"]
                    or str(row[source["column"]])[:10] == str(entry["value"])[:10]
                )


def test_worst_fall_agrees_with_the_metric(demo_shell: Any, told: Any) -> None:
    shown = demo_shell.json("runs", "show", "last")
    metric = next(row for row in shown["figures"] if row["name"] == "max_drawdown")
    values = {entry["reference"]: entry["value"] for entry in told["values"]}
    assert values["drawdown.depth"] == pytest.approx(metric["value"])
    for name in ("peak", "trough"):
        assert values[f"drawdown.{name}"][:10] in metric["note"]


def test_run_by_beginning_and_by_study(demo_shell: Any, told: Any) -> None:
    run_id = told["about"].split()[1]
    assert demo_shell.json("explain", run_id[:5]) == told
    assert demo_shell.json("explain", "us_momentum") == told


def test_pattern_by_beginning(demo_shell: Any) -> None:
    pattern = demo_shell.json("patterns", "list", "--withheld", "--limit", "1")[0]
    told = demo_shell.json("explain", pattern["pattern_id"][:10])
    assert told["about"] == f"pattern {pattern['pattern_id']}"
    assert "How sure" in told["text"]
    assert "was withheld" in told["text"]


def test_unknown_id_names_near_matches(demo_shell: Any) -> None:
    done = demo_shell.run("explain", "us_momentun", exit_code=2)
    assert "did you mean 'us_momentum'" in done.stderr
    assert f"qraft -w {demo_shell.workspace} runs list" in done.stderr


def test_nothing_to_explain_yet(shell: Any) -> None:
    done = shell.run("explain", "last", exit_code=2)
    assert "demo" in done.stderr
    assert not (shell.workspace / ".qraft" / "warehouse").exists()
