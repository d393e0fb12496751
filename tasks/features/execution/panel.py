"""Bars as columns: symbols end to end, each on a grid of times without holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        By name, 32-bit columns of shape (rows,), NaN where missing, in the rows' order.
    row_bounds
        Of shape (symbols + 1,): where each symbol's rows begin.
    grid_bounds
        Of shape (symbols + 1,): where each symbol's times begin on the grid.
    places
        Of shape (rows,): each row's time on the grid; None where rows and grid are the same.
    firsts
        Of shape (symbols,): the place in the calendar of each symbol's first time on the grid.
    """

    keys: pl.DataFrame
    fields: Mapping[str, NDArray[np.float32]]
    row_bounds: NDArray[np.int64]
    grid_bounds: NDArray[np.int64]
    places: NDArray[np.int64] | None
    firsts: NDArray[np.int64]


def build_panel(
    bars: pl.DataFrame,
    names: Sequence[str],
    *,
    calendar: NDArray[np.int64] | None = None,
    begun: NDArray[np.int64] | None = None,
) -> Panel:
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
    calendar
        Times to count, physical and rising; default the times of `bars`.
    begun
        For each symbol in order, the time at which its history began, if that is before its first
        row here; default with its first row.

    Returns
    -------
    Panel
        Sorted by (symbol, ts).

    Raises
    ------
    BadInput
        Missing or doubled keys.

    Notes
    -----
    Look-ahead: where a symbol stands in the grid depends on its first row and on the calendar up to
    each row; the row bounds also tell which row is its last, which no feature reads.
    """
    frame = sort_bars(bars.select(*KEYS, *names))
    symbols = frame["symbol"].rle().struct.unnest()
    row_bounds = np.concatenate([[0], np.cumsum(symbols["len"].to_numpy())]).astype(np.int64)
    times = to_numbers(frame["ts"])
    if calendar is None:
        calendar = np.unique(times)
    if begun is None:
        begun = times[row_bounds[:-1]]
    firsts = np.searchsorted(calendar, np.maximum(begun, calendar[:1]))
    grid_bounds, places = _place(times, row_bounds, calendar, firsts)
    return Panel(
        frame.select(KEYS),
        {name: to_column(frame[name]) for name in names},
        row_bounds,
        grid_bounds,
        places,
        firsts,
    )


def to_numbers(times: pl.Series) -> NDArray[np.int64]:
    """Return times as whole numbers that rise with them.

    Parameters
    ----------
    times
        Dates or datetimes, shape (n,).

    Returns
    -------
    numpy.ndarray
        Int64, shape (n,), in the unit of the type.

    Notes
    -----
    Look-ahead: none; each by itself.
    """
    numbers: NDArray[np.int64] = times.to_physical().cast(pl.Int64).to_numpy()
    return numbers


def sort_bars(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by (symbol, ts) unless it is; refuse keys that are missing or doubled.

    Parameters
    ----------
    frame
        With `symbol` and `ts`.

    Returns
    -------
    polars.DataFrame
        The same rows, `symbol` as text.

    Raises
    ------
    BadInput
        A missing `symbol` or `ts`, or two rows of one symbol at one time.

    Notes
    -----
    Look-ahead: none; rows as they are.
    """
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


def to_column(series: pl.Series) -> NDArray[np.float32]:
    """Return a field in 32 bits, NaN where it is null.

    Parameters
    ----------
    series
        Numbers, shape (n,).

    Returns
    -------
    numpy.ndarray
        Float32, shape (n,), a copy that may be written to.

    Notes
    -----
    Look-ahead: none; each by itself.
    """
    column: NDArray[np.float32] = (
        series.cast(pl.Float32).fill_null(float("nan")).to_numpy(writable=True)
    )
    return column


def _place(
    times: NDArray[np.int64],
    bounds: NDArray[np.int64],
    calendar: NDArray[np.int64],
    firsts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Find each row's time on the grid, symbols end to end."""
    lasts = np.searchsorted(calendar, times[bounds[1:] - 1])
    grid = np.concatenate([[0], np.cumsum(lasts - firsts + 1)]).astype(np.int64)
    if np.array_equal(grid, bounds):
        return grid, None
    places = np.empty(times.size, np.int64)
    for symbol, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        rows = slice(bounds[symbol], bounds[symbol + 1])
        steps = np.searchsorted(calendar[first : last + 1], times[rows])
        places[rows] = grid[symbol] + steps
    return grid, places
