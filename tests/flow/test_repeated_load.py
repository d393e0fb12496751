"""Loading a run twice leaves the warehouse as it was."""

from __future__ import annotations

from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_lake, open_warehouse
from tasks.dag.session import forget, plan_path, session_of
from tasks.runs.record.task import Record


def contents(workspace) -> dict[str, tuple[int, int]]:
    """Return rows and a digest of them, table by table."""
    with open_warehouse(load_settings(workspace), workspace) as warehouse:
        tables = warehouse.rows(
            "SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name"
        )
        return {
            table["name"]: tuple(
                warehouse.rows(
                    f"SELECT count() AS n, sum(cityHash64(*)) AS digest FROM {table['name']}"
                )[0].values()
            )
            for table in tables
        }


def test_a_repeated_load_changes_nothing(demo_copy) -> None:
    workspace = open_workspace(demo_copy.workspace)
    before = contents(workspace)
    lake = open_lake(load_settings(workspace), workspace)
    [run_id] = [row["run_id"] for row in demo_copy.json("runs", "list")]
    assert lake.store.get(plan_path(run_id))
    session = session_of(str(workspace.root), run_id)
    try:
        Record.of(session).run()
        Record.of(session).run()
    finally:
        forget(session)
    assert contents(workspace) == before
    assert {"market", "feature_sets", "runs", "signals"} <= {n for n, (c, _) in before.items() if c}


def test_features_are_loaded_as_they_are_and_as_they_are_compared(demo_copy) -> None:
    workspace = open_workspace(demo_copy.workspace)
    with open_warehouse(load_settings(workspace), workspace) as warehouse:
        sets = warehouse.rows(
            "SELECT DISTINCT stage, table_name, rows, feature_key FROM feature_sets"
            " JOIN lineage ON lineage.key = feature_sets.feature_key ORDER BY stage"
        )
        assert [row["stage"] for row in sets] == ["aggregation", "features"]
        for row in sets:
            [found] = warehouse.rows(
                "SELECT count() AS rows, count(DISTINCT ts) AS times, min(momentum) AS low,"
                f" max(momentum) AS high FROM {row['table_name']}"
                " WHERE feature_key = {key:String}",
                {"key": row["feature_key"]},
            )
            assert found["rows"] == row["rows"]
            inside = 0 < found["low"] <= found["high"] < 1
            assert inside == (row["stage"] == "aggregation")  # the demo normalises by rank
