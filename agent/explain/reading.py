"""The rows of an explanation, read from the warehouse: the only part that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.explain.rows import PatternRows, Row, RunRows, as_rows
from configs.errors import Failed
from storage.warehouse.cited import (
    OF_RUN,
    equity_at,
    market_up_to,
    other_patterns,
    patterns_begun,
    rows_of_run,
    trials_beside,
)
from storage.warehouse.patterns import TABLES, card_of, feedback_of
from storage.warehouse.runs import run_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from storage.warehouse.port import Warehouse
    from storage.warehouse.rows import RunRow


def read_run(warehouse: Warehouse, run: Mapping[str, Any]) -> RunRows:
    """Read all rows of a run.

    Parameters
    ----------
    run
        Its row of table ``runs``.
    """
    tables = {
        table: as_rows(table, rows_of_run(warehouse, table, run["run_id"])) for table in OF_RUN
    }
    return RunRows(
        run=Row("runs", run),
        metrics={row["name"]: row for row in tables["metrics"]},
        equity=tables["equity"],
        ic=tables["ic"],
        patterns=tables["patterns"],
        cards=tables["calibration_cards"],
        health=tables["health"],
        trials=as_rows("ledger", trials_beside(warehouse, run["run_id"])),
    )


def patterns_like(warehouse: Warehouse, beginning: str) -> tuple[Row, ...]:
    """Return the patterns whose id begins so, by id, each in its newest run first.

    Where there is none, the alarms that were withheld.
    """
    for table in TABLES.values():
        found = patterns_begun(warehouse, beginning, table)
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
    equity = as_rows("equity", equity_at(warehouse, run_id, pattern["ts"]))
    card = card_of(warehouse, run_id, pattern["card_id"])
    return PatternRows(
        run=Row("runs", _run(warehouse, run_id)),
        pattern=pattern,
        twins=tuple(twins),
        others=as_rows("patterns", other_patterns(warehouse, run_id, pattern_id)),
        market=as_rows("market", market_up_to(warehouse, run_id, pattern["ts"])),
        equity=equity[0] if equity else None,
        feedback=as_rows("pattern_feedback", feedback_of(warehouse, pattern_id)),
        card=Row("calibration_cards", card) if card else None,
    )


def _run(warehouse: Warehouse, run_id: str) -> RunRow:
    found = run_of(warehouse, run_id)
    if found is None:
        raise Failed(f"the run {run_id} has patterns in the warehouse, and no row of its own")
    return found
