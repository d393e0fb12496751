"""From computed columns to a frame, without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def to_frame(
    keys: pl.DataFrame, names: Iterable[str], columns: Iterable[NDArray[np.float32]]
) -> pl.DataFrame:
    """Set features beside their keys; NaN becomes null.

    Parameters
    ----------
    keys
        Frame of `symbol, ts`.
    names
        Features.
    columns
        Their values, each of shape (rows,); kept alive by the frame, not copied.

    Returns
    -------
    DataFrame
        `symbol, ts` and one Float32 column for each feature.
    """
    series = [_to_series(name, column) for name, column in zip(names, columns, strict=True)]
    return pl.DataFrame([*keys.get_columns(), *series])


def _to_series(name: str, column: NDArray[np.float32]) -> pl.Series:
    there = ~np.isnan(column)
    missing = int(column.size - np.count_nonzero(there))
    valid = pa.py_buffer(np.packbits(there, bitorder="little")) if missing else None
    array = pa.Array.from_buffers(
        pa.float32(), column.size, [valid, pa.py_buffer(column)], null_count=missing
    )
    return pl.Series(name, pl.from_arrow(array))
