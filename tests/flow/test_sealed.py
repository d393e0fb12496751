"""A source is sealed after it was looked at: what was open closes, on every road to it."""

from __future__ import annotations

import polars as pl
import pytest

from configs.errors import Forbidden
from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_lake, open_ledger, open_warehouse
from tests.conftest import Shell
from tests.flow.test_terminal import typed
from tests.market import market

SPEC = """
name: sealed
data: {source: file, path: prices.csv}
features: {define: {momentum: "$close / Ref($close, 20) - 1"}}
signal: {expression: $momentum}
backtest: {topk: 2, n_drop: 1}
"""


def bars(days: int = 420) -> pl.DataFrame:
    closes = market(3, symbols=5, days=days)
    return closes.select(
        date=pl.col("ts").dt.date(), symbol="symbol", open="close", high="close", low="close",
        close="close", volume=pl.lit(100_000.0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """A workspace in which a study ran twice: before the seal and after it."""
    shell = Shell(tmp_path_factory.mktemp("sealed"))
    bars().write_csv(shell.workspace / "prices.csv")
    (shell.workspace / "study.yaml").write_text(SPEC)
    study = str(shell.workspace / "study.yaml")
    shell.run("run", study)
    shell.run("sweep", study, "--grid", "topk=1,2", "--grid", "momentum@20=10,20")
    before = {row["run_id"] for row in shell.json("runs", "list")}
    (shell.workspace / "qraft.yaml").write_text("holdout: {prices.csv: 2016-01-01}\n")
    shell.run("run", study)
    (late,) = {row["run_id"] for row in shell.json("runs", "list")} - before
    return shell, min(before), late


@pytest.fixture(scope="module")
def stores(sealed):
    workspace = open_workspace(str(sealed[0].workspace))
    return workspace, load_settings(workspace)


@pytest.mark.slow
def test_no_query_over_the_lake_sees_past_the_seal(sealed):
    shell, early, _ = sealed
    newest = shell.json("sql", "select max(ts) as last from bars")
    assert newest[0]["last"] < "2016-01-01"
    for view in ("bars", "features", "scores", "equity", "positions"):
        done = shell.run("sql", f"select count(*) from {view}", "--run", early, exit_code=3)
        assert "was sealed from 2016-01-01" in done.stderr


@pytest.mark.slow
def test_no_page_shows_what_is_past_the_seal(sealed):
    shell, early, late = sealed
    pages = [path.name for path in (shell.workspace / ".qraft" / "reports").iterdir()]
    assert [name for name in pages if late in name]
    assert not [name for name in pages if early in name or name.startswith(("sweep-", "index"))]


@pytest.mark.slow
def test_no_row_of_the_warehouse_is_past_the_seal(stores):
    workspace, settings = stores
    with open_warehouse(settings, workspace) as warehouse:
        tables = warehouse.rows(
            "SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'ts'"
        )
        assert {"equity", "signals", "patterns"} <= {row["table"] for row in tables}
        for row in tables:
            table = row["table"]
            past = f"SELECT count() AS n FROM {table} WHERE ts >= toDateTime64('2016-01-02', 6)"
            last = warehouse.rows(past)
            assert last == [{"n": 0}], row
        assert warehouse.rows("SELECT count() AS n FROM sweep_points") == [{"n": 0}]


@pytest.mark.slow
def test_no_manifest_of_the_lake_hands_out_what_is_past_the_seal(stores):
    workspace, settings = stores
    lake = open_lake(settings, workspace)
    refused = 0
    for zone in ("raw", "refined", "feature", "report"):
        for manifest in lake.manifests(zone):
            for file in manifest.files:
                try:
                    content = lake.read(manifest, file.name)
                except Forbidden:
                    refused += 1
                    continue
                assert zone != "raw"
                if file.name.endswith(".parquet"):
                    frame = pl.read_parquet(content)
                    for name in {"ts", "known_at"} & set(frame.columns):
                        newest = frame[name].max()
                        assert newest is None or newest.isoformat() < "2016-01-01T06", file
    assert refused > 10


@pytest.mark.slow
def test_the_gate_looks_once_and_the_trials_are_one_family(sealed, stores):
    shell, _, late = sealed
    command = ("gate", "holdout", late, "--reason", "all else was looked at")
    refused = shell.run(*command, exit_code=3)  # by a program
    assert "needs a person at a terminal" in refused.stderr
    code, shown = typed(shell.workspace, [("to look", "something else")], *command)
    assert code == 3, shown
    workspace, settings = stores
    assert not open_ledger(settings, workspace).entries("holdout_opened")
    code, shown = typed(shell.workspace, [("to look", "sealed")], *command)
    assert code == 0, shown
    assert "sharpe" in shown
    code, shown = typed(shell.workspace, [("to look", "sealed")], *command)
    assert code == 3, shown
    strategy = next(one for one in shell.json("gate", "list") if one["run_id"] == late)
    checks = {check["name"]: check for check in strategy["checks"]}
    assert checks["holdout"]["figure"] is not None
    assert checks["contamination"]["figure"] == 4.0  # the run is one of the sweep's points
    kinds = [entry.kind for entry in open_ledger(settings, workspace).entries()]
    assert kinds.count("holdout_opened") == kinds.count("seal") == 1
