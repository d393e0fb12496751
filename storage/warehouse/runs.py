"""What is asked of finished runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.warehouse.port import Warehouse
    from storage.warehouse.rows import (
        ArtifactRow,
        CoefficientRow,
        FigureRow,
        HealthRow,
        MarketRow,
        RunRow,
        StageRow,
    )

_OF_RUN: Final = "WHERE run_id = {run:String}"
_FIGURES: Final = """
SELECT run_id, name, value FROM metrics
WHERE (empty({runs:Array(String)}) OR run_id IN {runs:Array(String)})
  AND (empty({names:Array(String)}) OR name IN {names:Array(String)})
ORDER BY run_id, name
"""
_LINEAGE: Final = f"""
SELECT stage, key, any(code) AS code, arraySort(groupArray(input)) AS inputs
FROM lineage {_OF_RUN} GROUP BY stage, key ORDER BY stage
"""  # noqa: S608
_FEATURE_SETS: Final = f"""
SELECT feature_key, features FROM feature_sets
WHERE feature_key IN (SELECT key FROM artifacts {_OF_RUN}) ORDER BY feature_key
"""  # noqa: S608


def newest_runs(warehouse: Warehouse) -> list[RunRow]:
    """Return all finished runs, the newest first."""
    found: list[Any] = warehouse.rows("SELECT * FROM runs ORDER BY tried_at DESC, run_id")
    return found


def run_of(warehouse: Warehouse, run_id: str) -> RunRow | None:
    """Return one finished run; none where it is not finished, or has a row too many."""
    found: list[Any] = warehouse.rows(
        f"SELECT * FROM runs {_OF_RUN} ORDER BY report",  # noqa: S608
        {"run": run_id},
    )
    return found[0] if len(found) == 1 else None


def count_runs(warehouse: Warehouse) -> int:
    """Return how many runs are finished."""
    return int(warehouse.rows("SELECT count() AS n FROM runs")[0]["n"])


def values_of(
    warehouse: Warehouse, *, runs: Sequence[str] = (), names: Sequence[str] = ()
) -> dict[str, dict[str, float | None]]:
    """Return figures of runs: run to name to value.

    Parameters
    ----------
    runs, names
        Of these only; default all.
    """
    values: dict[str, dict[str, float | None]] = {}
    for row in warehouse.rows(_FIGURES, {"runs": list(runs), "names": list(names)}):
        values.setdefault(row["run_id"], {})[row["name"]] = row["value"]
    return values


def figures_of(warehouse: Warehouse, run_id: str | None = None) -> list[FigureRow]:
    """Return the figures of a run, or of all, with their units and conventions, by name."""
    which = _OF_RUN if run_id is not None else ""
    found: list[Any] = warehouse.rows(
        f"SELECT run_id, name, value, unit, note FROM metrics {which} ORDER BY run_id, name",  # noqa: S608
        {"run": run_id} if run_id is not None else None,
    )
    return found


def artifacts_of(warehouse: Warehouse, run_id: str) -> list[ArtifactRow]:
    """Return the files of a run, by stage and name."""
    return _whole(warehouse, "artifacts", run_id, "stage, name")


def stages_of(warehouse: Warehouse, run_id: str) -> list[StageRow]:
    """Return what each stage of a run was made from, by its name."""
    found: list[Any] = warehouse.rows(_LINEAGE, {"run": run_id})
    return found


def health_of(warehouse: Warehouse, run_id: str) -> list[HealthRow]:
    """Return what was wrong with the data of a run, and what was done, by rule."""
    return _whole(warehouse, "health", run_id, "rule, action")


def coefficients_of(warehouse: Warehouse, run_id: str) -> list[CoefficientRow]:
    """Return the information coefficients of a run's signal, in the order of time."""
    return _whole(warehouse, "ic", run_id, "ts")


def market_of(warehouse: Warehouse, run_id: str) -> list[MarketRow]:
    """Return the market's bars of a run, in the order of time."""
    return _whole(warehouse, "market", run_id, "ts")


def feature_sets_of(warehouse: Warehouse, run_id: str) -> list[tuple[str, list[str]]]:
    """Return the sets of features that a run loaded: the key of each, and its columns."""
    found = warehouse.rows(_FEATURE_SETS, {"run": run_id})
    return [(row["feature_key"], list(row["features"])) for row in found]


def _whole(warehouse: Warehouse, table: str, run_id: str, order: str) -> list[Any]:
    sql = f"SELECT * FROM {table} {_OF_RUN} ORDER BY {order}"  # noqa: S608
    return list(warehouse.rows(sql, {"run": run_id}))
