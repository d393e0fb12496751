"""Cut frames into series that a detector can be run over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Series = tuple[str | None, pl.DataFrame]
"""A symbol, None for the market, and its bars in the order of time."""


def split_series(frame: pl.DataFrame, names: Sequence[str], scope: str) -> list[Series]:
    """Return the series of a frame, sorted by symbol, each sorted by time.

    Parameters
    ----------
    frame
        `symbol, ts` and columns of numbers, in any order.
    names
        The columns that are wanted; with none there are no series.
    scope
        For the words of an error.

    Returns
    -------
    list
        Symbol and frame (``symbol``, ``ts``, the columns as Float64) of each.

    Raises
    ------
    BadInput
        If a column is not there, or a series has two rows at one time.

    Notes
    -----
    Look-ahead: none; rows as they are.
    """
    if not names or frame.is_empty():
        return []
    for name in names:
        if name not in frame.columns:
            raise BadInput(
                f"a detector of scope {scope} watches {name!r}, which was not computed",
                hint=did_you_mean(name, set(frame.columns) - {"symbol", "ts"}),
            )
    numbers = (pl.col(name).cast(pl.Float64) for name in names)
    ordered = frame.select("symbol", "ts", *numbers).sort("symbol", "ts")
    _refuse_duplicates(ordered, scope)
    parts = ordered.partition_by("symbol", as_dict=True, maintain_order=True)
    return [(symbol, part) for (symbol,), part in parts.items()]


def _refuse_duplicates(ordered: pl.DataFrame, scope: str) -> None:
    as_before = (pl.col(name).eq_missing(pl.col(name).shift()) for name in ("symbol", "ts"))
    twice = ordered.filter(pl.all_horizontal(as_before) & (pl.int_range(pl.len()) > 0))
    if len(twice):
        symbol, ts = twice.row(0)[:2]
        what = "the market" if scope == "market" else symbol
        raise BadInput(
            f"{what} has more than one row at {ts.isoformat()}; a detector cannot order them",
            hint=f"{len(twice)} such rows in all; keep one row for each time",
        )


def field_values(fields: Sequence[str], series: pl.DataFrame) -> NDArray[np.float64]:
    """Return some columns of a series, shape (bars, fields), missing values as NaN.

    Parameters
    ----------
    fields
        Columns.
    series
        A frame of them, in the order of time.

    Returns
    -------
    numpy.ndarray
        Float64, shape (bars, fields).

    Notes
    -----
    Look-ahead: none; values as they are.
    """
    return np.column_stack([series[field].to_numpy() for field in fields]).astype(float, copy=False)
