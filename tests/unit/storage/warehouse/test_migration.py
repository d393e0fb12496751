from contextlib import contextmanager
from dataclasses import replace

import clickhouse_connect
import pytest

from configs.errors import Failed
from storage.warehouse.migration import migrate
from storage.warehouse.schema import MIGRATIONS, TABLES, Column, Kind, Migration, Table

FIRST = Table("things", (Column("run_id", Kind.TEXT), Column("n", Kind.COUNT)), ("n",))
SECOND = replace(FIRST, columns=(*FIRST.columns, Column("note", Kind.TEXT)))
OTHER = Table("others", (Column("run_id", Kind.TEXT),), ("run_id",))
UP = Migration(2, ("ALTER TABLE things ADD COLUMN IF NOT EXISTS note String",))
BASE = Migration(1, ())


@contextmanager
def raw_client(folder):
    client = clickhouse_connect.get_client(interface="chdb", path=str(folder))
    try:
        client.command("CREATE DATABASE IF NOT EXISTS d")
        client.database = "d"
        yield client
    finally:
        client.close()


def columns(client, table: str) -> list[str]:
    return [row[0] for row in client.query(f"DESCRIBE TABLE {table}").result_rows]


def version(client) -> int:
    return client.query("SELECT max(number) FROM schema_version").result_rows[0][0]


def test_a_new_warehouse_is_made_at_the_newest_version(tmp_path):
    with raw_client(tmp_path / "w") as client:
        migrate(client, tables=(SECOND,), migrations=(BASE, UP))
        assert columns(client, "things") == ["run_id", "n", "note"]
        assert version(client) == 2


def test_an_older_warehouse_is_brought_forward_and_keeps_its_rows(tmp_path):
    with raw_client(tmp_path / "w") as client:
        migrate(client, tables=(FIRST,), migrations=(BASE,))
        client.command("INSERT INTO things VALUES ('r1', 7)")
        for _ in range(2):
            migrate(client, tables=(SECOND, OTHER), migrations=(BASE, UP))
            assert client.query("SELECT * FROM things").result_rows == [("r1", 7, "")]
        assert columns(client, "others") == ["run_id"]
        assert version(client) == 2


def test_an_interrupted_migration_is_repeated(tmp_path):
    broken = Migration(2, (*UP.statements, "ALTER TABLE nothing ADD COLUMN x String"))
    with raw_client(tmp_path / "w") as client:
        migrate(client, tables=(FIRST,), migrations=(BASE,))
        with pytest.raises(Exception, match="nothing"):
            migrate(client, tables=(SECOND,), migrations=(BASE, broken))
        assert version(client) == 1
        migrate(client, tables=(SECOND,), migrations=(BASE, UP))
        assert version(client) == 2


def test_a_warehouse_of_a_newer_version_is_left_alone(tmp_path):
    with raw_client(tmp_path / "w") as client:
        migrate(client, tables=(SECOND,), migrations=(BASE, UP))
        with pytest.raises(Failed, match="version 2"):
            migrate(client, tables=(FIRST,), migrations=(BASE,))


def test_migrations_are_numbered_in_order():
    assert [m.number for m in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_tables_are_ordered_and_partitioned_by_columns_that_they_have():
    for table in TABLES:
        names = {column.name for column in table.columns}
        assert set(table.order) <= names
        assert table.partition is None or table.partition in names
        assert not any(c.nullable for c in table.columns if c.name in table.order)
