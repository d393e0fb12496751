"""Whole rows, as explanations cite them: each is digested, so no column is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from storage.warehouse.patterns import microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.warehouse.port import Warehouse


OF_RUN: Final[Mapping[str, str]] = {
    "metrics": "name",
    "equity": "ts",
    "ic": "ts",
    "patterns": "ts, pattern_id",
    "calibration_cards": "card_id",
    "health": "rule, action",
}
"""Tables of a run that are cited, and the order in which their rows are read."""

_TRIALS: Final = (
    "SELECT * FROM ledger WHERE kind = 'trial' AND JSONExtractString(body, 'family') IN"
    " (SELECT JSONExtractString(body, 'family') FROM ledger"
    " WHERE kind = 'trial' AND JSONExtractString(body, 'run_id') = {run:String}) ORDER BY seq"
)
_PATTERN: Final = (
    "SELECT found.* FROM {table} AS found JOIN runs ON found.run_id = runs.run_id"
    " WHERE startsWith(pattern_id, {{id:String}})"
    " ORDER BY pattern_id, runs.tried_at DESC, found.run_id"
)
_UP_TO: Final = (
    "SELECT * FROM {table} WHERE run_id = {{run:String}}"
    " AND ts {how} fromUnixTimestamp64Micro({{ts:Int64}}, 'UTC') ORDER BY ts"
)


def rows_of_run(warehouse: Warehouse, table: str, run_id: str) -> list[dict[str, Any]]:
    """Return the rows of a run in one of the tables `OF_RUN`, in its order."""
    sql = f"SELECT * FROM {table} WHERE run_id = {{run:String}} ORDER BY {OF_RUN[table]}"  # noqa: S608
    return warehouse.rows(sql, {"run": run_id})


def trials_beside(warehouse: Warehouse, run_id: str) -> list[dict[str, Any]]:
    """Return all trials of a run's family, its own too, in the order of the ledger.

    What is one family the ledger says: trials on the same data, however its bytes are called.
    """
    return warehouse.rows(_TRIALS, {"run": run_id})


def patterns_begun(warehouse: Warehouse, beginning: str, table: str) -> list[dict[str, Any]]:
    """Return the patterns whose id begins so, by id, each in its newest run first."""
    return warehouse.rows(_PATTERN.format(table=table), {"id": beginning})


def other_patterns(warehouse: Warehouse, run_id: str, pattern_id: str) -> list[dict[str, Any]]:
    """Return the patterns of a run but one, in the order of time."""
    sql = (
        "SELECT * FROM patterns WHERE run_id = {run:String} AND pattern_id != {id:String}"
        " ORDER BY ts, pattern_id"
    )
    return warehouse.rows(sql, {"run": run_id, "id": pattern_id})


def market_up_to(warehouse: Warehouse, run_id: str, ts: datetime) -> list[dict[str, Any]]:
    """Return the market's bars of a run up to a time, in order."""
    return _at(warehouse, "market", "<=", run_id, ts)


def equity_at(warehouse: Warehouse, run_id: str, ts: datetime) -> list[dict[str, Any]]:
    """Return the account of a run at a time."""
    return _at(warehouse, "equity", "=", run_id, ts)


def _at(
    warehouse: Warehouse, table: str, how: str, run_id: str, ts: datetime
) -> list[dict[str, Any]]:
    asked = {"run": run_id, "ts": microseconds(ts)}
    return warehouse.rows(_UP_TO.format(table=table, how=how), asked)
