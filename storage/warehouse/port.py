"""What any warehouse does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import polars as pl

    from storage.warehouse.schema import Table


class ArrowRows(Protocol):
    """A table that can be handed over as Arrow: a Polars frame or a PyArrow table."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Export the rows."""


class Warehouse(Protocol):
    """Tables whose partitions are replaced whole, and SQL over them."""

    def replace(self, table: str, partition: str, rows: ArrowRows) -> None:
        """Make `rows` all that a partition of a table holds.

        Repeating it changes nothing; without rows the partition is emptied. It happens whole or not
        at all; after a kill in the middle, the next call mends what is there.

        Parameters
        ----------
        table
            One of `storage.warehouse.schema.TABLES`, or one that :meth:`create` made.
        partition
            The value of the table's partition column, such as the run's id; that column may be left
            out of `rows`. For a table that is replaced whole, `WHOLE`.
        rows
            The table's columns in any order. Times are zoned.

        Raises
        ------
        Failed
            If table, partition or columns do not fit, or the warehouse refuses the rows.
        """

    def append(self, table: str, rows: ArrowRows, *, token: str) -> None:
        """Add rows to a table that grows; the same token again adds nothing.

        Parameters
        ----------
        table
            One of the schema that grows.
        rows
            Of one source, the table's columns in any order.
        token
            Names this batch; of a thousand batches, the engine knows which it has.

        Raises
        ------
        Failed
            As :meth:`replace`.
        """

    def days(self, table: str, source: str) -> dict[date, int]:
        """Return the days on which a source's rows were loaded, each with its newest segment."""

    def forget(self, table: str, source: str, day: date) -> None:
        """Let go of a source's rows that were loaded on a day; without any, nothing happens."""

    def create(self, table: Table) -> None:
        """Make a table that is not in the shipped schema, unless it is there."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Run one ``SELECT``; ``{run:String}`` in it stands for the parameter ``run``.

        Times come back zoned. Rows come in no order that the query does not ask for.

        Raises
        ------
        Failed
            With the warehouse's own words, if it refuses the query.
        """

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run one ``SELECT`` and return its rows as dictionaries."""
