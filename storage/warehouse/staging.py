"""Staging: a load killed at any moment leaves its partition old or new, never a mixture.

Rows gather in a stage table. Once all are there it is renamed, in one step, to a ready table: from
then on the load counts as done. ``REPLACE PARTITION`` alone would not do: the engine attaches the
new parts before it detaches the old ones, and a process killed in between leaves both. A ready
table that is still there was not published, or not to the end; publishing it again mends that.

A load first publishes what others left ready for the same partition, so that none of it comes
later over newer rows. Whoever loads the same partition at the same time then finds its own ready
table published and gone.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from clickhouse_connect.driver.exceptions import ClickHouseError

from storage.warehouse.asking import ask
from storage.warehouse.schema import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable

STAGE = "stage_"
READY = "ready_"

_LEFTOVERS = """
SELECT name, comment FROM system.tables
WHERE database = currentDatabase() AND startsWith(name, {prefix:String})
  AND metadata_modification_time <= now() - {age:Float64}
ORDER BY name
"""
_HOW_MANY = """
SELECT count() AS n FROM system.tables
WHERE database = currentDatabase() AND name = {table:String}
"""


def replace_partition(client: Any, table: str, partition: str, fill: Callable[[str], int]) -> None:
    """Replace a partition by what `fill` inserts into the table whose name it gets.

    Parameters
    ----------
    client
        Of clickhouse-connect, with its database chosen.
    table, partition
        What is replaced; both are names that need no escaping.
    fill
        Inserts the rows and returns how many; if it raises, nothing has changed.
    """
    load = uuid.uuid4().hex
    stage, own = STAGE + load, READY + load
    target = json.dumps({"table": table, "partition": partition})
    try:
        client.command(f"CREATE TABLE `{stage}` AS `{table}` COMMENT '{target}'")
        rows = fill(stage)
        client.command(f"RENAME TABLE `{stage}` TO `{own}`")
        for ready, comment in _leftovers(client, READY, 0.0):
            if comment == target and ready != own:
                _publish(client, ready, table, partition)
                _drop(client, ready)
        _publish(client, own, table, partition, rows)
    except BaseException:
        _drop(client, stage)
        raise
    finally:
        _drop(client, own)


def settle(client: Any, *, older_than_s: float) -> None:
    """Finish loads that a killed process had ready, and drop those that it had not.

    Parameters
    ----------
    client
        Of clickhouse-connect, with its database chosen.
    older_than_s
        Younger ones may be another process's work; 0 where there can be no other.
    """
    for ready, comment in _leftovers(client, READY, older_than_s):
        _publish(client, ready, **json.loads(comment))
        _drop(client, ready)
    for stage, _ in _leftovers(client, STAGE, older_than_s):
        _drop(client, stage)


def _publish(client: Any, ready: str, table: str, partition: str, rows: int | None = None) -> None:
    """Publish a ready table, whose rows are counted where the loader is not there to say."""
    part = f"ID '{WHOLE}'" if partition == WHOLE else f"'{partition}'"
    try:
        if rows is None:
            [found] = ask(client, f"SELECT count() AS rows FROM `{ready}`")  # noqa: S608 - made here
            rows = int(found["rows"])
        action = f"REPLACE PARTITION {part} FROM `{ready}`" if rows else f"DROP PARTITION {part}"
        client.command(f"ALTER TABLE `{table}` {action}")
    except ClickHouseError:
        if _is_there(client, ready):
            raise
        # Another process that loads the same partition has published and dropped it.


def _is_there(client: Any, table: str) -> bool:
    [found] = ask(client, _HOW_MANY, {"table": table})
    return bool(found["n"])


def _leftovers(client: Any, prefix: str, age_s: float) -> list[tuple[str, str]]:
    rows = ask(client, _LEFTOVERS, {"prefix": prefix, "age": age_s})
    return [(row["name"], row["comment"]) for row in rows]


def _drop(client: Any, table: str) -> None:
    client.command(f"DROP TABLE IF EXISTS `{table}` SYNC")
