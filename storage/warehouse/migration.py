"""Migration: a warehouse of any older version is brought forward when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from configs.errors import Failed
from storage.warehouse.asking import ask
from storage.warehouse.schema import MIGRATIONS, TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.warehouse.schema import Migration, Table

_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_version (number UInt32, at DateTime64(6, 'UTC'))
ENGINE = MergeTree ORDER BY number
"""


def migrate(
    client: Any,
    *,
    tables: Sequence[Table] = TABLES,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> None:
    """Bring the client's database to the newest version; one that is there already costs a query.

    Parameters
    ----------
    client
        Of clickhouse-connect, with its database chosen.
    tables
        What a new warehouse is made of.
    migrations
        What is done to older ones.

    Raises
    ------
    Failed
        If the warehouse was made by a newer version of Qraft.
    """
    newest = migrations[-1].number
    version = _version(client)
    if version > newest:
        raise Failed(
            f"the warehouse is of version {version}; this Qraft knows versions up to {newest}",
            hint="another, newer Qraft has used this workspace; use that one",
        )
    if version == newest:
        return
    for migration in migrations:
        # A new warehouse has nothing to bring forward.
        if 0 < version < migration.number:
            _apply(client, migration)
    for table in tables:
        client.command(table.ddl)
    _record(client, newest)


def _version(client: Any) -> int:
    [there] = ask(client, "EXISTS TABLE schema_version")
    if not there["result"]:
        return 0
    [newest] = ask(client, "SELECT max(number) AS number FROM schema_version")
    return int(newest["number"])


def _apply(client: Any, migration: Migration) -> None:
    for statement in migration.statements:
        client.command(statement)
    _record(client, migration.number)


def _record(client: Any, number: int) -> None:
    client.command(_VERSIONS)
    client.command(f"INSERT INTO schema_version SELECT {number}, now64(6)")
