"""`qraft sql` answers from the verified frames of a run, and from nothing else."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest

from configs.errors import BadInput, Damaged
from configs.remedies import Mend
from tasks.dag.outputs import TABLES

OF_OTHER_STUDIES = {"study_bars", "model_windows", "importance"}
"""Views that only a study on coarser bars, or one with a model, fills."""


def test_a_workspace_without_runs_says_so(terminal):
    with pytest.raises(BadInput, match="no run to show") as refused:
        terminal.call("sql", "SELECT 1")
    assert refused.value.remedy == Mend.RUN_DEMO()


def test_without_a_query_the_views_and_their_columns_are_listed(done):
    views = {view["view"]: view for view in done.json("sql")}
    assert list(views) == [view.name for view in TABLES if view.name not in OF_OTHER_STUDIES]
    assert list(views["bars"]["columns"])[:2] == ["symbol", "ts"]
    assert views["equity"]["columns"]["drawdown"] == "DOUBLE"
    assert views["bars"]["rows"] == 12_154
    page = done.call("sql")
    assert "aggregated" in page.stdout
    assert f"qraft -w {done.workspace} sql" in page.stderr
    assert max(map(len, page.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "view",
    [view for view in TABLES if view.name not in OF_OTHER_STUDIES],
    ids=lambda view: view.name,
)
def test_every_view_can_be_asked(done, view):
    (row,) = done.json("sql", f"SELECT count(*) AS n FROM {view.name}")
    listed = {v["view"]: v["rows"] for v in done.json("sql")}
    assert row["n"] == listed[view.name]


def test_lake_and_warehouse_agree(done):
    sql = "SELECT name, value FROM metrics ORDER BY name"
    by_lake = {row["name"]: row["value"] for row in done.json("sql", sql)}
    told = done.json("runs", "show")["figures"]
    assert by_lake == pytest.approx({row["name"]: row["value"] for row in told}, nan_ok=True)


def test_answers_are_tables_json_and_csv(done):
    sql = "SELECT symbol, count(*) AS bars FROM bars GROUP BY symbol ORDER BY symbol"
    rows = done.json("sql", sql)
    assert [row["symbol"] for row in rows] == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]
    read = csv.DictReader(io.StringIO(done.out("sql", sql, "--csv")))
    assert [{**row, "bars": int(row["bars"])} for row in read] == rows
    assert "GOOG" in done.out("sql", sql)
    with pytest.raises(BadInput, match="exclude each other"):
        done.call("sql", sql, "--csv", "--json")


def test_nested_values_are_json_within_csv(done):
    out = done.out("sql", "SELECT contributors FROM withheld LIMIT 1", "--csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert {"field", "score"} == json.loads(row["contributors"])[0].keys()


def test_a_table_is_limited_and_says_so_and_a_program_gets_all(done):
    page = done.call("sql", "SELECT ts FROM equity ORDER BY ts")
    assert len(page.stdout.splitlines()) == len(["head", "rule"]) + 40
    assert "more than 40 rows" in page.stderr
    assert len(done.json("sql", "SELECT ts FROM equity")) > 2_000
    assert len(done.json("sql", "SELECT ts FROM equity", "--limit", "7")) == 7


def test_a_wide_answer_is_cut_between_columns(done):
    page = done.call("sql", "SELECT * FROM equity LIMIT 2")
    assert max(map(len, page.stdout.splitlines())) <= 80
    assert "more (" in page.stderr


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * FROM barz", "did you mean 'bars'"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("DROP TABLE bars", "read here, not changed"),
        ("SELECT * FROM read_text('/etc/passwd')", "nothing else"),
        ("SELEC 1", "cannot be answered"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused(done, query, expected):
    with pytest.raises(BadInput) as refused:
        done.call("sql", query)
    assert expected in str(refused.value)


def test_a_run_is_named_by_id_or_study(done):
    run_id = done.json("runs", "list")[0]["run_id"]
    for name in (run_id[:5], "us_momentum"):
        assert done.json("sql", "SELECT 1 AS one", "--run", name) == [{"one": 1}]
    with pytest.raises(BadInput, match="there is no run `zz`"):
        done.call("sql", "SELECT 1", "--run", "zz")


def test_all_runs_are_asked_at_once(done):
    found = done.json("sql", "SELECT DISTINCT run_id FROM metrics", "--run", "all")
    assert {row["run_id"] for row in found} == {run["run_id"] for run in done.json("runs", "list")}


def test_a_file_that_differs_from_its_manifest_is_never_used(done, tmp_path):
    from dataclasses import replace

    copy = tmp_path / "copy"
    shutil.copytree(done.workspace, copy)
    (ic,) = (copy / ".qraft" / "lake" / "feature" / "signal").glob("*/*-ic.parquet")
    ic.write_bytes(ic.read_bytes()[:-1] + b"x")
    damaged = replace(done, workspace=copy)
    with pytest.raises(Damaged, match="differs from its manifest"):
        damaged.call("sql", "SELECT count(*) FROM ic")
    assert damaged.json("sql", "SELECT count(*) > 0 AS ok FROM equity") == [{"ok": True}]
