"""From computed columns to a frame, without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.features.execution.results import Results


def to_frame(keys: pl.DataFrame, names: Sequence[str], results: Results) -> pl.DataFrame:
    """Set features beside their keys; NaN becomes null.

    Parameters
    ----------
    keys
        Frame of `symbol, ts`.
    names
        Features.
    results
        Their values, which the frame keeps alive and does not copy.

    Returns
    -------
    DataFrame
        `symbol, ts` and one Float32 column for each feature.

    Notes
    -----
    Look-ahead: none; values as they are.
    """
    series = [_to_series(name, results, place) for place, name in enumerate(names)]
    return pl.DataFrame([*keys.get_columns(), *series])


def _to_series(name: str, results: Results, place: int) -> pl.Series:
    column, missing = results.values[place], int(results.missing[place])
    valid = pa.py_buffer(results.valid[place]) if missing else None
    address, _ = column.__array_interface__["data"]
    values = pa.foreign_buffer(address, column.nbytes, base=results.lease or column)
    array = pa.Array.from_buffers(pa.float32(), column.size, [valid, values], null_count=missing)
    return pl.Series(name, pl.from_arrow(array))
