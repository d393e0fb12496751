from contextlib import contextmanager

import clickhouse_connect
import polars as pl
import pytest

from storage.warehouse.chdb import DATABASE, open_chdb
from storage.warehouse.staging import replace_partition, settle

OLD = pl.DataFrame({"name": ["old"], "value": [1.0], "unit": ["ratio"], "note": [""]})


@pytest.fixture
def folder(tmp_path):
    with open_chdb(tmp_path / "w", lock_timeout_s=5) as warehouse:
        for run in ("r1", "r2"):
            warehouse.replace("metrics", run, OLD)
    return tmp_path / "w"


@contextmanager
def raw_client(folder):
    client = clickhouse_connect.get_client(interface="chdb", path=str(folder), database=DATABASE)
    try:
        yield client
    finally:
        client.close()


def leave(folder, name: str, rows: int) -> None:
    """Leave what a process leaves that is killed while it loads."""
    with raw_client(folder) as client:
        target = '{"table": "metrics", "partition": "r1"}'
        client.command(f"CREATE TABLE {name} AS metrics COMMENT '{target}'")
        for _ in range(rows):
            client.command(f"INSERT INTO {name} (run_id, name) VALUES ('r1', 'new')")


def names(folder) -> list[tuple[str, str]]:
    with open_chdb(folder, lock_timeout_s=5) as warehouse:
        left = "SELECT name FROM system.tables WHERE match(name, '^(stage|ready)_')"
        assert warehouse.rows(left) == []
        return warehouse.query("SELECT run_id, name FROM metrics ORDER BY ALL").rows()


def test_a_load_that_was_not_ready_is_forgotten(folder):
    leave(folder, "stage_0a1b", rows=1)
    assert names(folder) == [("r1", "old"), ("r2", "old")]


def test_a_load_that_was_ready_is_finished(folder):
    leave(folder, "ready_0a1b", rows=2)
    assert names(folder) == [("r1", "new"), ("r1", "new"), ("r2", "old")]


def test_a_load_of_no_rows_that_was_ready_is_finished(folder):
    leave(folder, "ready_0a1b", rows=0)
    assert names(folder) == [("r2", "old")]


def test_both_generations_after_a_kill_become_one(folder):
    leave(folder, "ready_0a1b", rows=2)
    with raw_client(folder) as client:
        client.command("ALTER TABLE metrics ATTACH PARTITION 'r1' FROM ready_0a1b")
        assert client.query("SELECT count() FROM metrics").result_rows == [(4,)]
    assert names(folder) == [("r1", "new"), ("r1", "new"), ("r2", "old")]


@pytest.mark.parametrize("name", ["stage_0a1b", "ready_0a1b"])
def test_what_may_be_another_process_at_work_is_left_alone(folder, name):
    leave(folder, name, rows=1)
    with raw_client(folder) as client:
        settle(client, older_than_s=3_600)
        assert client.query(f"EXISTS TABLE {name}").result_rows == [(1,)]
        assert client.query("SELECT DISTINCT name FROM metrics").result_rows == [("old",)]


def test_a_load_that_fails_changes_nothing_and_leaves_nothing(folder):
    def fill(stage: str) -> None:
        client.command(f"INSERT INTO {stage} (run_id, name) VALUES ('r1', 'half')")
        raise ZeroDivisionError

    with raw_client(folder) as client, pytest.raises(ZeroDivisionError):
        replace_partition(client, "metrics", "r1", fill)
    assert names(folder) == [("r1", "old"), ("r2", "old")]
