"""Bars as columns: symbols end to end, each on a grid of times without holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

KEYS = ("symbol", "ts")


@dataclass(frozen=True, slots=True)
class Panel:
    """Fields of many symbols.

    Attributes
    ----------
    keys
        Frame of `symbol, ts`, sorted: the rows of the result.
    fields
        32-bit columns of shape (rows,), NaN where missing, in the rows' order.
    row_bounds
        Of shape (symbols + 1,): where each symbol's rows begin.
    grid_bounds
        Of shape (symbols + 1,): where each symbol's times begin on the grid.
    places
        Of shape (rows,): each row's time on the grid; None where rows and grid are the same.
    """

    keys: pl.DataFrame
    fields: tuple[NDArray[np.float32], ...]
    row_bounds: NDArray[np.int64]
    grid_bounds: NDArray[np.int64]
    places: NDArray[np.int64] | None


def build_panel(bars: pl.DataFrame, names: Sequence[str]) -> Panel:
    """Lay bars out for computing.

    A window counts times of the calendar, not rows: the calendar holds every time at which any
    symbol has a row, and a symbol without a row at a time between its first and its last is
    missing there. That is how qlib counts, and a suspended share does not reach further back than
    its neighbours.

    Parameters
    ----------
    bars
        With `symbol`, `ts` and the fields named.
    names
        Fields to take.

    Returns
    -------
    Panel
        Sorted by (symbol, ts).

    Raises
    ------
    BadInput
        Missing or doubled keys.
    """
    frame = _sort(bars.select(*KEYS, *names))
    symbols = frame["symbol"].rle().struct.unnest()
    row_bounds = np.concatenate([[0], np.cumsum(symbols["len"].to_numpy())]).astype(np.int64)
    times = frame["ts"].to_physical().cast(pl.Int64).to_numpy()
    grid_bounds, places = _place(times, row_bounds)
    return Panel(
        frame.select(KEYS),
        tuple(_column(frame[name]) for name in names),
        row_bounds,
        grid_bounds,
        places,
    )


def _sort(frame: pl.DataFrame) -> pl.DataFrame:
    holes = frame.select(pl.col(KEYS).null_count()).row(0)
    if any(holes):
        raise BadInput(f"bars have {holes[0]} rows without symbol and {holes[1]} without ts")
    frame = frame.with_columns(pl.col("symbol").cast(pl.String))
    if not _is_sorted(frame):
        frame = frame.sort(KEYS, maintain_order=True)
        if not _is_sorted(frame):
            doubled = frame.filter(pl.struct(KEYS).is_duplicated()).row(0)
            raise BadInput(f"bars have more than one row of {doubled[0]} at {doubled[1]}")
    return frame


def _is_sorted(frame: pl.DataFrame) -> bool:
    runs = frame["symbol"].rle().struct.unnest()
    rising = frame["ts"].to_physical().cast(pl.Int64).diff() > 0
    ends = np.cumsum(runs["len"].to_numpy())[:-1]
    values = rising.fill_null(value=True).to_numpy(writable=True)
    values[ends] = True
    names = runs["value"]
    return bool(values.all()) and bool((names.slice(1) > names.head(max(names.len() - 1, 0))).all())


def _column(series: pl.Series) -> NDArray[np.float32]:
    column: NDArray[np.float32] = (
        series.cast(pl.Float32).fill_null(float("nan")).to_numpy(writable=True)
    )
    return column


def _place(
    times: NDArray[np.int64], bounds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[Any] | None]:
    calendar = np.unique(times)
    lengths = np.zeros(bounds.size, np.int64)
    places, whole = np.empty(times.size, np.int64), True
    for symbol in range(bounds.size - 1):
        own = times[bounds[symbol] : bounds[symbol + 1]]
        first, last = np.searchsorted(calendar, own[[0, -1]])
        lengths[symbol + 1] = last - first + 1
        if lengths[symbol + 1] == own.size:
            steps: NDArray[Any] = np.arange(own.size)
        else:
            steps, whole = np.searchsorted(calendar[first : last + 1], own), False
        places[bounds[symbol] : bounds[symbol + 1]] = steps
    grid = np.cumsum(lengths)
    if whole:
        return grid, None
    places += np.repeat(grid[:-1], np.diff(bounds))
    return grid, places
