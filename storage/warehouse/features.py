"""Feature sets in the warehouse: one wide table for each set of names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import Failed
from storage.warehouse.schema import Column, Kind, Table
from taskspecs.identity import SHORT, digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.warehouse.port import ArrowRows, Warehouse

_KEYS = ("symbol", "ts")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def load_features(warehouse: Warehouse, feature_key: str, rows: ArrowRows) -> str:
    """Load a feature set, unless it is there: equal keys mean equal rows.

    Parameters
    ----------
    warehouse
        An open one.
    feature_key
        The content-addressed key of the set.
    rows
        ``symbol, ts`` and one Float32 column for each feature.

    Returns
    -------
    str
        The table that holds it, also to be found in ``feature_sets``.
    """
    frame = pl.DataFrame(rows)
    names = [name for name in frame.columns if name not in {*_KEYS, "feature_key"}]
    table = feature_table(names)
    warehouse.create(table)
    if _is_loaded(warehouse, table, feature_key, frame.height):
        return table.name
    warehouse.replace(table.name, feature_key, frame)
    about = {"table_name": [table.name], "features": [names], "rows": [frame.height]}
    warehouse.replace("feature_sets", feature_key, pl.DataFrame(about))
    return table.name


def feature_table(names: Sequence[str]) -> Table:
    """Describe the table for features of these names; their order makes no difference.

    Raises
    ------
    Failed
        If a name cannot be a column.

    Examples
    --------
    >>> feature_table(["momentum", "KMID"]).name == feature_table(["KMID", "momentum"]).name
    True
    """
    for name in names:
        if not _NAME.fullmatch(name) or name in {*_KEYS, "feature_key"}:
            raise Failed(f"a feature named `{name}` cannot be a column of the warehouse")
    columns = (
        Column("feature_key", Kind.TEXT),
        Column("symbol", Kind.WORD),
        Column("ts", Kind.TIME),
        *(Column(name, Kind.FLOAT32, nullable=True) for name in sorted(names)),
    )
    set_id = digest(sorted(names))[:SHORT]
    return Table(f"features_{set_id}", columns, _KEYS, partition="feature_key")


def _is_loaded(warehouse: Warehouse, table: Table, feature_key: str, rows: int) -> bool:
    # The line in `feature_sets` is written last; what a killed process left has none.
    listed = "SELECT rows FROM feature_sets WHERE feature_key = {key:String}"
    stored = f"SELECT count() AS rows FROM {table.name} WHERE feature_key = {{key:String}}"  # noqa: S608
    return all(
        warehouse.rows(sql, {"key": feature_key}) == [{"rows": rows}] for sql in (listed, stored)
    )
