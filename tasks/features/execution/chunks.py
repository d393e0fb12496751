"""A chunk: a few symbols whose columns fit into a core's cache together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tasks.features.kernels.storing import store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.features.execution.panel import Panel
    from tasks.features.execution.results import Results

CHUNK_ROWS: Final = 32_768
"""Rows of a chunk, unless one symbol has more: fewer make threads wait for one another's turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A series for all symbols to read.

    Attributes
    ----------
    values
        Of shape (times,): a value for each time of the calendar; NaN or false where there is none.
    first
        The place of its first time in the calendar.
    """

    values: NDArray[Any]
    first: int

    def __getitem__(self, rows: slice) -> Series:
        """Return the same: all batches read it by the calendar."""
        return self


Column: TypeAlias = "NDArray[np.float32] | Series"
"""What a plan reads: a value a row, or a value a time."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows and grid times of consecutive symbols.

    Attributes
    ----------
    bounds
        Where the symbols begin on the chunk's own grid, of shape (symbols + 1,).
    rows
        The chunk's rows in the panel.
    places
        The rows' times on the chunk's grid; None where they are the same.
    firsts
        The place in the calendar of each symbol's first time, of shape (symbols,).
    """

    bounds: NDArray[np.int64]
    rows: slice
    places: NDArray[np.int64] | None
    firsts: NDArray[np.int64]

    @property
    def grid_rows(self) -> int:
        """Times on the grid."""
        return int(self.bounds[-1])

    def load(self, field: Column) -> NDArray[Any]:
        """Take the chunk's part of a field, on the grid."""
        if isinstance(field, Series):
            lengths = np.diff(self.bounds)
            return np.concatenate(
                [field.values[f : f + n] for f, n in zip(self.firsts, lengths, strict=True)]
            )
        if self.places is None:
            return field[self.rows]
        column = np.full(self.grid_rows, np.nan, np.float32)
        column[self.places] = field[self.rows]
        return column

    def stretches(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Say where rows begin that follow one another on the grid, and how many do."""
        if self.places is None:
            return np.zeros(1, np.int64), np.array([self.grid_rows])
        begins = np.concatenate([[0], np.flatnonzero(np.diff(self.places) != 1) + 1])
        return self.places[begins], np.diff(begins, append=self.places.size)

    def store(
        self,
        values: NDArray[Any],
        stretches: tuple[NDArray[np.int64], NDArray[np.int64]],
        results: Results,
        feature: int,
    ) -> int:
        """Put a feature from the grid into its rows, rounded to 32 bits; count what is missing."""
        if values.dtype == np.float16:  # numpy's for functions of conditions; kernels know none
            values = values.astype(np.float32)
        column, valid = results.values[feature], results.valid[feature]
        return int(store(column, valid, values, self.rows.start, *stretches))


def cut_chunks(panel: Panel) -> list[Chunk]:
    """Divide a panel's symbols into chunks of about `CHUNK_ROWS` rows."""
    chunks, first, grid = [], 0, panel.grid_bounds
    for symbol in range(1, grid.size):
        full = symbol + 1 < grid.size and grid[symbol + 1] - grid[first] > CHUNK_ROWS
        if full or symbol + 1 == grid.size:
            rows = slice(int(panel.row_bounds[first]), int(panel.row_bounds[symbol]))
            bounds = grid[first : symbol + 1] - grid[first]
            places = None if panel.places is None else panel.places[rows] - grid[first]
            chunks.append(Chunk(bounds, rows, places, panel.firsts[first:symbol]))
            first = symbol
    return chunks


def cut_out(panel: Panel, symbol: int, times: int) -> Chunk:
    """Cut out one symbol, on a grid that goes on to the calendar's end.

    Parameters
    ----------
    symbol
        Its place in the panel.
    times
        How many the calendar has.

    Notes
    -----
    Look-ahead: whether the symbol has a later row does not show in its grid.
    """
    rows = slice(int(panel.row_bounds[symbol]), int(panel.row_bounds[symbol + 1]))
    places = (
        np.arange(rows.stop - rows.start)
        if panel.places is None
        else panel.places[rows] - panel.grid_bounds[symbol]
    )
    first = panel.firsts[symbol : symbol + 1]
    return Chunk(np.array([0, times - first[0]]), rows, places, first)
