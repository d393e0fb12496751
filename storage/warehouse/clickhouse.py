"""The warehouse over any client of clickhouse-connect: in process or a server."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl
from clickhouse_connect.driver.exceptions import ClickHouseError

from configs.errors import Failed, Unreachable, did_you_mean
from configs.remedies import Mend
from storage.warehouse.asking import ask_arrow, is_connection_lost, limit
from storage.warehouse.conformance import conform
from storage.warehouse.migration import migrate
from storage.warehouse.schema import TABLES, WHOLE, Table
from storage.warehouse.staging import replace_partition, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from storage.warehouse.port import ArrowRows

BATCH_BYTES = 64 << 20
"""About how much is inserted at a time; it also bounds the temporary file that a kill leaves."""

DAYS = {
    table.name: (
        "SELECT toDate(ingest_time) AS day, max(segment) AS newest"  # noqa: S608 - names of ours
        f" FROM `{table.name}` WHERE source = {{source:String}} GROUP BY day ORDER BY day"
    )
    for table in TABLES
    if table.grows
}
"""Of each table that grows, how its days are asked for."""
_PARTITION = re.compile(r"[A-Za-z0-9._@-]{1,200}")


class ClickHouseWarehouse:
    """Tables in the client's database, made or brought forward at once.

    Parameters
    ----------
    client
        Of clickhouse-connect, with its database chosen.
    stale_after_s
        Loads that were begun longer ago and are not finished are a killed process's; they are
        settled now. 0 where no other process can be loading.
    """

    def __init__(self, client: Any, *, stale_after_s: float) -> None:
        self._client = client
        self._tables = {table.name: table for table in TABLES}
        with _speaking_of("opening the warehouse"):
            limit(client)
            # First, for a migration may change the tables that a load was made ready for.
            settle(client, older_than_s=stale_after_s)
            migrate(client)

    def replace(self, table: str, partition: str, rows: ArrowRows) -> None:
        """Make `rows` all that a partition of a table holds; see :class:`.port.Warehouse`."""
        target = self._table(table)
        _check_partition(target, partition)
        frame = conform(rows, target, partition)
        with _speaking_of(f"loading {partition} into {table}"):
            replace_partition(
                self._client, table, partition, lambda stage: self._insert(stage, frame)
            )

    def append(self, table: str, rows: ArrowRows, *, token: str) -> None:
        """Add rows to a table that grows, once; see :class:`.port.Warehouse`."""
        target = self._table(table)
        if not target.grows:
            raise Failed(f"{table} does not grow: its partitions are replaced")
        frame = conform(rows, target, None)
        if frame.is_empty():
            return
        arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        with _speaking_of(f"adding {frame.height} rows to {table}"):
            self._client.insert_arrow(table, arrow, settings={"insert_deduplication_token": token})

    def days(self, table: str, source: str) -> dict[date, int]:
        """Return the days of a source's rows; see :class:`.port.Warehouse`."""
        found = self.rows(DAYS[self._table(table).name], {"source": source})
        return {row["day"]: row["newest"] for row in found}

    def forget(self, table: str, source: str, day: date) -> None:
        """Let go of a day of a source's rows; see :class:`.port.Warehouse`."""
        _check_partition(self._table(table), source)
        with _speaking_of(f"letting go of {day} of {source} in {table}"):
            self._client.command(f"ALTER TABLE `{table}` DROP PARTITION ('{source}', '{day}')")

    def create(self, table: Table) -> None:
        """Make a table that is not in the shipped schema, unless it is there."""
        with _speaking_of(f"making the table {table.name}"):
            self._client.command(table.ddl)
        self._tables[table.name] = table

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Run one ``SELECT``; see :class:`.port.Warehouse`."""
        with _speaking_of("asking the warehouse"):
            answer = ask_arrow(self._client, sql, parameters)
        return pl.DataFrame(pl.from_arrow(answer))

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run one ``SELECT`` and return its rows as dictionaries."""
        return self.query(sql, parameters).to_dicts()

    def _table(self, name: str) -> Table:
        if name not in self._tables:
            raise Failed(
                f"the warehouse has no table `{name}`", hint=did_you_mean(name, self._tables)
            )
        return self._tables[name]

    def _insert(self, stage: str, frame: pl.DataFrame) -> int:
        rows_in_batch = max(1, int(BATCH_BYTES * frame.height / max(1, frame.estimated_size())))
        for batch in frame.iter_slices(rows_in_batch):
            arrow = batch.to_arrow(compat_level=pl.CompatLevel.oldest())
            written = self._client.insert_arrow(stage, arrow).written_rows
            if written != batch.height:
                raise Failed(f"the warehouse took {written} of {batch.height} rows")
        return frame.height


def _check_partition(table: Table, partition: str) -> None:
    if (table.partition is None) != (partition == WHOLE) or not _PARTITION.fullmatch(partition):
        allowed = f"letters, digits and ._@-, not `{WHOLE}`" if table.partition else f"`{WHOLE}`"
        raise Failed(
            f"{table.name} can have no partition `{partition}`", hint=f"allowed: {allowed}"
        )


@contextmanager
def _speaking_of(what: str) -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except ClickHouseError as error:
        if is_connection_lost(error):
            raise Unreachable(
                f"{what} failed: the server did not answer to the end", remedy=Mend.CHECK_UP()
            ) from error
        raise Failed(f"{what} failed", hint=str(error).partition("\n")[0]) from error
