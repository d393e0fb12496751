"""The projection: the ledger's entries as rows of the warehouse, made again from it at will."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from storage.ledger.entry import Head
from storage.warehouse.ledger import newest_entry
from storage.warehouse.schema import WHOLE
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.ledger.entry import Entry
    from storage.warehouse.port import Warehouse

TABLE = "ledger"
COLUMNS: dict[str, pl.DataType] = {
    "seq": pl.Int64(),
    "prev": pl.String(),
    "kind": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "actor": pl.String(),
    "body": pl.String(),
    "hash": pl.String(),
}


def project(warehouse: Warehouse, entries: Iterable[Entry]) -> None:
    """Make the projection anew: it holds these entries and nothing else."""
    warehouse.replace(TABLE, WHOLE, projection(entries))


def projection(entries: Iterable[Entry]) -> pl.DataFrame:
    """Return a row for each entry, its body as JSON."""
    rows = [
        {
            "seq": entry.seq,
            "prev": entry.prev,
            "kind": entry.kind,
            "at": datetime.fromisoformat(entry.at),
            "actor": entry.actor,
            "body": canonical_json(entry.body),
            "hash": entry.hash,
        }
        for entry in entries
    ]
    return pl.DataFrame(rows, schema=COLUMNS)


def projected_head(warehouse: Warehouse) -> Head:
    """Return the newest entry that the projection knows: it remembers what the ledger lost since.

    Whoever can cut the ledger can usually cut the warehouse too: a head kept on another machine
    says more.
    """
    newest = newest_entry(warehouse)
    return Head(*newest) if newest else Head()
