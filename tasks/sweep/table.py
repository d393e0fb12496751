"""The points of a sweep as a table, and how each point compares with its neighbours."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

import polars as pl

from configs.figures import say_figure
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasks.sweep.grid import Grid

NEIGHBOURS = {
    "neighbours": pl.Int64,
    "neighbours_median": pl.Float64,
    "neighbours_worst": pl.Float64,
}


def points_table(
    grid: Grid, run_ids: Sequence[str], results: Sequence[Mapping[str, Any]]
) -> pl.DataFrame:
    """Lay the results out, a row a point, in the order of the grid.

    Returns
    -------
    polars.DataFrame
        ``number`` (Int64), ``run_id``, ``changed`` (JSON object: what was varied, as written),
        ``refusal`` (why a point could not be traded, else empty), and a Float64 column for each
        metric, null where it is undefined.
    """
    names = list(dict.fromkeys(name for result in results for name in result["metrics"]))
    rows = [
        {
            "number": point.number,
            "run_id": run_id,
            "changed": canonical_json(grid.changed(point)),
            "refusal": result["refusal"],
            **{name: result["metrics"].get(name) for name in names},
        }
        for point, run_id, result in zip(grid.points, run_ids, results, strict=True)
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(names, pl.Float64))


def compare_neighbours(grid: Grid, values: Sequence[float | None]) -> pl.DataFrame:
    """Compare each point with those one step away on one axis.

    A peak without a plateau around it is most likely luck.

    Parameters
    ----------
    values
        The figure by which points are compared, in the order of the grid.

    Returns
    -------
    polars.DataFrame
        ``neighbours`` (how many there are with a value), ``neighbours_median`` and
        ``neighbours_worst`` (the lowest), null without neighbours; in the order of the grid.
    """
    at = {point.places: value for point, value in zip(grid.points, values, strict=True)}
    rows = []
    for point in grid.points:
        around = [at.get(places) for places in _around(point.places)]
        known = [value for value in around if value is not None]
        rows.append((len(known), median(known), min(known)) if known else (0, None, None))
    return pl.DataFrame(rows, schema=NEIGHBOURS, orient="row")


def best_first(table: pl.DataFrame, by: str) -> pl.DataFrame:
    """Sort points by a figure, the highest first; of equals, the earlier in the grid."""
    return table.filter(pl.col(by).is_not_null()).sort(
        by, "number", descending=[True, False], maintain_order=True
    )


def say_point(name: str, value: float | None, by: str) -> str:
    """Write a column of a point; what its neighbours have is in the unit of what ranks them.

    Examples
    --------
    >>> say_point("neighbours_worst", 0.2, "annual_return"), say_point("neighbours", 3, "sharpe")
    ('20.0% a year', '3')
    """
    if name == "neighbours":
        return str(value)
    return say_figure(by if name in NEIGHBOURS else name, value)


def warehouse_rows(table: pl.DataFrame, columns: Sequence[str], study: str) -> pl.DataFrame:
    """Return the rows of table ``sweep_points``: some metrics as columns, all of them as JSON."""
    fixed = ["number", "run_id", "changed", "refusal"]
    metrics = [name for name in table.columns if name not in {*fixed, *NEIGHBOURS}]
    texts = [canonical_json(row) for row in table.select(metrics).to_dicts()]
    missing = [
        pl.lit(None, pl.Float64).alias(name) for name in columns if name not in table.columns
    ]
    return table.with_columns(
        *missing, study=pl.lit(study), metrics=pl.Series(texts, dtype=pl.String)
    ).select(*fixed, "study", *columns, "metrics")


def _around(places: Sequence[int]) -> list[tuple[int, ...]]:
    return [
        (*places[:axis], places[axis] + step, *places[axis + 1 :])
        for axis in range(len(places))
        for step in (-1, 1)
    ]
