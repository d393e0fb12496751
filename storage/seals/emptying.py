"""Emptying: when data are sealed, what the warehouse holds of them goes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from storage.seals.likeness import read_sketch
from storage.seals.register import SEEN
from storage.warehouse.conformance import TYPES
from storage.warehouse.features import feature_table
from storage.warehouse.runs import feature_sets_of, newest_runs
from storage.warehouse.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.ledger import Entry
    from storage.seals.register import Register
    from storage.warehouse.port import Warehouse
    from storage.warehouse.schema import Table

KEPT = "runs"
"""Says that there was a run, of what and when; it holds no figure."""

SWEEPS = "sweep_points"


def empty_sealed(warehouse: Warehouse, register: Register, entries: Sequence[Entry]) -> list[str]:
    """Take out all rows that were made from bars that are sealed now.

    Repeating it changes nothing. The runs' results in the lake are refused by the guard; run anew,
    the studies stop at the seal and fill the tables again.

    Parameters
    ----------
    register
        With the seals that are, or are about to be, on the ledger.
    entries
        Of the ledger.

    Returns
    -------
    list of str
        The runs and the sweeps whose rows went.
    """
    runs = list(_runs_past(warehouse, register))
    for run_id in runs:
        for key, features in feature_sets_of(warehouse, run_id):
            table = feature_table(features)
            warehouse.create(table)
            warehouse.replace(table.name, key, _nothing(table))
        for table in TABLES:
            if table.partition == "run_id" and table.name != KEPT:
                warehouse.replace(table.name, run_id, _nothing(table))
    points = next(table for table in TABLES if table.name == SWEEPS)
    sweeps = sorted(_sweeps_past(register, entries))
    for sweep_id in sweeps:
        warehouse.replace(SWEEPS, sweep_id, _nothing(points))
    return [*runs, *sweeps]


def _runs_past(warehouse: Warehouse, register: Register) -> Iterator[str]:
    for row in sorted(newest_runs(warehouse), key=lambda row: row["run_id"]):
        seal = register.seal_on(row["data_digest"])
        last = row["last_ts"]
        if seal and last and last.astimezone(ZoneInfo(row["zone"])).date() >= seal.sealed_from:
            yield row["run_id"]


def _sweeps_past(register: Register, entries: Sequence[Entry]) -> set[str]:
    """Find the sweeps over bars that reach past a seal, by the trials of their points."""
    last = {e.body["print"]: read_sketch(e.body).last for e in entries if e.kind == SEEN}
    swept = [entry.body for entry in entries if entry.kind == "trial" and "sweep" in entry.body]
    seals = {body["data"]: register.seal_on(body["data"]) for body in swept}
    return {
        body["sweep"]
        for body in swept
        if (seal := seals[body["data"]])
        and last.get(body.get("print", ""), "") >= seal.sealed_from.isoformat()
    }


def _nothing(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema={column.name: TYPES[column.kind] for column in table.columns})
