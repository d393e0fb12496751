"""The rows of an explanation, read from the warehouse: the only part that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.explain.rows import PatternRows, Row, RunRows, as_rows
from tasks.dag.outputs import OUTPUTS
from taskspecs.identity import SHORT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from storage.warehouse.port import Warehouse

OF_RUN: Final = {output.table: ", ".join(output.key) for output in OUTPUTS if output.explained}
"""Tables of a run, and the order in which their rows are read."""

TRIALS: Final = (
    "SELECT * FROM ledger WHERE kind = 'trial'"
    " AND JSONExtractString(body, 'family') = {family:String} ORDER BY seq"
)
MARKET_UP_TO: Final = (
    "SELECT * FROM market WHERE run_id = {run:String}"
    " AND ts <= fromUnixTimestamp64Micro({ts:Int64}, 'UTC') ORDER BY ts"
)
EQUITY_AT: Final = (
    "SELECT * FROM equity WHERE run_id = {run:String}"
    " AND ts = fromUnixTimestamp64Micro({ts:Int64}, 'UTC') ORDER BY ts"
)
PATTERN: Final = (
    "SELECT found.* FROM {table} AS found JOIN runs ON found.run_id = runs.run_id"
    " WHERE startsWith(pattern_id, {{id:String}})"
    " ORDER BY pattern_id, runs.tried_at DESC, found.run_id"
)


def read_run(warehouse: Warehouse, run: Mapping[str, Any]) -> RunRows:
    """Read all rows of a run.

    Parameters
    ----------
    run
        Its row of table ``runs``.
    """
    tables = {
        table: as_rows(
            table,
            warehouse.rows(
                f"SELECT * FROM {table} WHERE run_id = {{run:String}} ORDER BY {order}",  # noqa: S608
                {"run": run["run_id"]},
            ),
        )
        for table, order in OF_RUN.items()
    }
    family = f"{run['source']}:{run['data_digest'][:SHORT]}"
    return RunRows(
        run=Row("runs", run),
        metrics={row["name"]: row for row in tables["metrics"]},
        equity=tables["equity"],
        ic=tables["ic"],
        patterns=tables["patterns"],
        cards=tables["calibration_cards"],
        health=tables["health"],
        trials=as_rows("ledger", warehouse.rows(TRIALS, {"family": family})),
    )


def patterns_like(warehouse: Warehouse, beginning: str) -> tuple[Row, ...]:
    """Return the patterns whose id begins so, by id, each in its newest run first.

    Where there is none, the alarms that were withheld.
    """
    for table in ("patterns", "withheld_patterns"):
        found = warehouse.rows(PATTERN.format(table=table), {"id": beginning})
        if found:
            return as_rows(table, found)
    return ()


def read_pattern(warehouse: Warehouse, found: Sequence[Row]) -> PatternRows:
    """Read what belongs to a pattern.

    Parameters
    ----------
    found
        Its rows, that of the newest run first.
    """
    pattern, *twins = found
    run_id, pattern_id = pattern["run_id"], pattern["pattern_id"]
    at = {"run": run_id, "ts": _microseconds(pattern)}
    runs = warehouse.rows("SELECT * FROM runs WHERE run_id = {run:String}", {"run": run_id})
    others = warehouse.rows(
        "SELECT * FROM patterns WHERE run_id = {run:String} AND pattern_id != {id:String}"
        " ORDER BY ts, pattern_id",
        {"run": run_id, "id": pattern_id},
    )
    feedback = warehouse.rows(
        "SELECT * FROM pattern_feedback WHERE pattern_id = {id:String} ORDER BY at, feedback_id",
        {"id": pattern_id},
    )
    equity = as_rows("equity", warehouse.rows(EQUITY_AT, at))
    cards = warehouse.rows(
        "SELECT * FROM calibration_cards WHERE run_id = {run:String} AND card_id = {card:String}"
        " ORDER BY card_id",
        {"run": run_id, "card": pattern["card_id"]},
    )
    return PatternRows(
        run=Row("runs", runs[0]),
        pattern=pattern,
        twins=tuple(twins),
        others=as_rows("patterns", others),
        market=as_rows("market", warehouse.rows(MARKET_UP_TO, at)),
        equity=equity[0] if equity else None,
        feedback=as_rows("pattern_feedback", feedback),
        card=Row("calibration_cards", cards[0]) if cards else None,
    )


def _microseconds(row: Row) -> int:
    """Return a row's time as whole microseconds: seconds as a float would round them."""
    from datetime import UTC, datetime, timedelta

    return int((row["ts"] - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
